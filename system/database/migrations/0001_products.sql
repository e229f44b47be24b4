-- What the shop sells. `id` is the rank by popularity.
CREATE TABLE products (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    price BIGINT NOT NULL
);

-- The lists a shopper leafs through: of a category, and of a word in names. `total` saves the count.
CREATE TABLE lists (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

-- `place` counts from 0 in order of popularity, so that a page is a range of the key.
CREATE TABLE list_entries (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    place BIGINT NOT NULL,
    product BIGINT NOT NULL,
    PRIMARY KEY (kind, name, place)
);
