//! Open-model load: arrivals, journeys, Goose users, measured from intent.
#![forbid(unsafe_code)]
