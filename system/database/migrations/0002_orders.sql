-- Orders. What was ordered never changes: `lines` is a document, written once, of products with
-- quantities and unit prices in cents. Each state has the time at which it was entered, in
-- milliseconds since the Unix epoch.
CREATE TABLE orders (
    id BIGINT NOT NULL PRIMARY KEY,
    customer BIGINT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    lines TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    paid_at BIGINT,
    reserved_at BIGINT,
    shipped_at BIGINT,
    delivered_at BIGINT,
    rejected_at BIGINT,
    cancelled_at BIGINT,
    refunded_at BIGINT
);
