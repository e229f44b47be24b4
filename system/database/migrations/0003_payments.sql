-- The payment ledger: one row for each act on an order, which is what makes a capture happen once.
CREATE TABLE payments (
    order_id BIGINT NOT NULL,
    entry TEXT NOT NULL,
    amount BIGINT NOT NULL,
    entered_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, entry)
);
