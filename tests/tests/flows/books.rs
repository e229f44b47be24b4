//! Reads what stands in SecureCart's tables and in its database.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use securecart_database::{Entry, Orders, Payments, StoredOrder};
use securecart_domain::{
    CartId, CustomerId, OrderId, ProductId,
    resources::{CARTS_TABLE, NOTIFICATIONS_TABLE, RESERVATIONS_TABLE, STOCK_TABLE},
};

use crate::stage::Stage;

pub(crate) type Item = HashMap<String, AttributeValue>;

impl Stage {
    /// Every item of a table.
    pub(crate) async fn items(&self, table: &str) -> Vec<Item> {
        let pages = self.aws().dynamodb.scan().table_name(table).consistent_read(true);
        pages.into_paginator().items().send().try_collect().await.expect("a scan")
    }

    async fn items_of(&self, table: &str, order: OrderId) -> Vec<Item> {
        let mut items = self.items(table).await;
        items.retain(|item| text(item, "order_id") == order.to_string());
        items
    }

    /// Every order that is written down.
    pub(crate) async fn written(&self) -> Vec<StoredOrder> {
        let mut written = Vec::new();
        let orders = Orders::new(self.database.connections("test"));
        orders.all(|stored| written.push(stored)).await.expect("every row");
        written
    }

    /// Every act of a payment that is written down.
    pub(crate) async fn ledger(&self) -> Vec<Entry> {
        let mut ledger = Vec::new();
        let payments = Payments::new(self.database.connections("test"));
        payments.all(|entry| ledger.push(entry)).await.expect("every row");
        ledger
    }

    /// An order as it is written down.
    pub(crate) async fn order(&self, id: OrderId) -> StoredOrder {
        let orders = self.written().await;
        let found = orders.into_iter().find(|stored| stored.order.id == id);
        found.unwrap_or_else(|| panic!("{id} is not written down"))
    }

    pub(crate) async fn state(&self, order: OrderId) -> String {
        self.order(order).await.state.as_str().to_owned()
    }

    /// The acts in an order's payment ledger, and the amount of each in cents.
    pub(crate) async fn payments(&self, order: OrderId) -> BTreeMap<String, u64> {
        let ledger = self.ledger().await.into_iter();
        let entries = ledger.filter(|entry| entry.order == order);
        entries.map(|entry| (entry.kind.as_str().to_owned(), entry.amount.0)).collect()
    }

    /// What became of an order's reservation, as often as there is one.
    pub(crate) async fn reservations(&self, order: OrderId) -> Vec<String> {
        let items = self.items_of(RESERVATIONS_TABLE, order).await;
        items.iter().map(|item| text(item, "outcome").to_owned()).collect()
    }

    /// The notices an order's owner got, and how often each was sent.
    pub(crate) async fn notices(&self, order: OrderId) -> BTreeMap<String, u64> {
        let notice = |item: &Item| (text(item, "notice").to_owned(), number(item, "sent"));
        self.items_of(NOTIFICATIONS_TABLE, order).await.iter().map(notice).collect()
    }

    /// Pieces of a product that are left.
    pub(crate) async fn available(&self, product: ProductId) -> u32 {
        let key = AttributeValue::S(product.to_string());
        let get = self.aws().dynamodb.get_item().table_name(STOCK_TABLE).key("product_id", key);
        let item = get.send().await.expect("a read").item.expect("every product has stock");
        number(&item, "available") as u32
    }
}

pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .unwrap_or_else(|| panic!("no string `{name}` in {item:?}"))
}

pub(crate) fn number(item: &Item, name: &str) -> u64 {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no number `{name}` in {item:?}"))
}

impl Stage {
    /// A cart with nothing in it: the shop's API has no way to make one.
    pub(crate) async fn put_empty_cart(&self, cart: CartId, customer: CustomerId) {
        let put = self.aws().dynamodb.put_item().table_name(CARTS_TABLE);
        put.item("cart_id", AttributeValue::S(cart.to_string()))
            .item("customer_id", AttributeValue::S(customer.to_string()))
            .item("lines", AttributeValue::M(HashMap::new()))
            .item("version", AttributeValue::N("1".to_owned()))
            .send()
            .await
            .expect("a write");
    }
}

impl Stage {
    /// A cart expires.
    pub(crate) async fn lose_cart(&self, cart: CartId) {
        let delete = self.aws().dynamodb.delete_item().table_name(CARTS_TABLE);
        let key = AttributeValue::S(cart.to_string());
        delete.key("cart_id", key).send().await.expect("a write");
    }

    /// `pieces` more of a product arrive.
    pub(crate) async fn restock(&self, product: ProductId, pieces: u32) {
        let update = self.aws().dynamodb.update_item().table_name(STOCK_TABLE);
        update
            .key("product_id", AttributeValue::S(product.to_string()))
            .update_expression("ADD available :pieces")
            .expression_attribute_values(":pieces", AttributeValue::N(pieces.to_string()))
            .send()
            .await
            .expect("a write");
    }
}
