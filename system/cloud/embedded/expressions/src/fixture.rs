//! Items and substitutions for tests, from JSON.

use crate::{Item, Names, Substitutions, Values};

/// The product of the developer guide's examples, with a few attributes more.
pub(crate) fn product() -> Item {
    item(
        r#"{
            "Id": {"N": "789"},
            "ProductCategory": {"S": "Home Improvement"},
            "Price": {"N": "52"},
            "InStock": {"BOOL": true},
            "Brand": {"S": "Acme"},
            "Nothing": {"NULL": true},
            "Picture": {"B": "AQIDBA=="},
            "Color": {"SS": ["Blue", "Green", "Red"]},
            "Scores": {"NS": ["1", "2.5"]},
            "RelatedItems": {"L": [{"N": "341"}, {"N": "472"}, {"N": "649"}]},
            "ProductReviews": {"M": {
                "FiveStar": {"L": [{"S": "Excellent"}, {"S": "Best"}]},
                "OneStar": {"L": [{"S": "Terrible"}]}
            }}
        }"#,
    )
}

pub(crate) fn item(json: &str) -> Item {
    serde_json::from_str(json).expect("an item")
}

/// Names and values that outlive the substitutions made of them.
pub(crate) struct Request {
    names: Names,
    values: Values,
}

impl Request {
    pub(crate) fn new(names: &[(&str, &str)], values: &str) -> Self {
        let names =
            names.iter().map(|(key, name)| ((*key).to_owned(), (*name).to_owned())).collect();
        Self { names, values: serde_json::from_str(values).expect("values") }
    }

    pub(crate) fn values(values: &str) -> Self {
        Self::new(&[], values)
    }

    pub(crate) fn substitutions(&self) -> Substitutions<'_> {
        Substitutions::new(Some(&self.names), Some(&self.values))
    }
}
