//! The catalogue: products, and the lists that shoppers leaf through.
//!
//! Costs: a product O(1), a page and a search O(products shown); counts are read from a table of
//! totals. Reads go to replicas.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use securecart_domain::{
    Money, Product, ProductId,
    api::{PAGE_SIZE, ProductList},
};

use crate::{
    Connections, Error,
    statement::{Row, Statement, Value, Work},
};

/// Kinds of lists.
const CATEGORY: &str = "category";
const WORD: &str = "word";

/// Rows that one statement inserts. SQLite looks a `$` placeholder up among all of its statement, so
/// that the work grows with the square of this.
const INSERT_ROWS: usize = 50;

/// Products that one statement asks the prices of.
const PRICES_MAX: usize = 64;

/// The products.
#[derive(Debug, Clone)]
pub struct Products(Connections);

impl Products {
    /// The products behind `connections`.
    #[must_use]
    pub fn new(connections: Connections) -> Self {
        Self(connections)
    }

    /// Writes the whole catalogue, the most popular product first; doing it again changes nothing.
    /// Replicas get it without their lag: it is there before the run begins.
    ///
    /// # Errors
    /// As any write.
    pub async fn insert_all(&self, products: &[Product]) -> Result<(), Error> {
        let rows = products.iter().map(|product| {
            let Product { id, name, category, price } = product;
            [id.0.into(), name.as_str().into(), category.as_str().into(), price.0.into()]
        });
        let mut statements = insert("products (id, name, category, price)", rows);
        let mut lists: BTreeMap<(&str, &str), Vec<ProductId>> = BTreeMap::new();
        for product in products {
            lists.entry((CATEGORY, &product.category)).or_default().push(product.id);
            let words: BTreeSet<&str> = product.name.split_whitespace().collect();
            for word in words {
                lists.entry((WORD, word)).or_default().push(product.id);
            }
        }
        let totals = lists.iter().map(|(&(kind, name), products)| {
            [kind.into(), name.into(), Value::from(products.len() as u64)]
        });
        statements.extend(insert("lists (kind, name, total)", totals));
        let entries = lists.iter().flat_map(|(&(kind, name), products)| {
            (0_u64..).zip(products).map(move |(place, product)| {
                [kind.into(), name.into(), place.into(), product.0.into()]
            })
        });
        statements.extend(insert("list_entries (kind, name, place, product)", entries));
        self.0.primary(&Work::Write { statements, at_once: true }).await?;
        Ok(())
    }

    /// The product with `id`.
    ///
    /// # Errors
    /// As any read.
    pub async fn get(&self, id: ProductId) -> Result<Option<Product>, Error> {
        let statement =
            Statement::new("SELECT id, name, category, price FROM products WHERE id = $1")
                .with(id.0);
        self.0.read(statement).await?.first().map(|row| product(row, 0)).transpose()
    }

    /// Page `page` (from 0) of `category`; `None` when there is no such category.
    ///
    /// # Errors
    /// As any read.
    pub async fn page(&self, category: &str, page: usize) -> Result<Option<ProductList>, Error> {
        self.list(CATEGORY, category, page.saturating_mul(PAGE_SIZE)).await
    }

    /// The most popular products with `word` in their name.
    ///
    /// # Errors
    /// As any read.
    pub async fn search(&self, word: &str) -> Result<ProductList, Error> {
        let found = self.list(WORD, word, 0).await?;
        Ok(found.unwrap_or(ProductList { products: Vec::new(), total: 0 }))
    }

    /// The prices of those of `products` that there are, in the order asked.
    ///
    /// # Errors
    /// As any read.
    pub async fn prices(&self, products: &[ProductId]) -> Result<Vec<(ProductId, Money)>, Error> {
        let mut prices = HashMap::new();
        for some in products.chunks(PRICES_MAX) {
            for row in self.0.read(prices_of(some)).await? {
                prices.insert(product_id(&row, 0)?, Money(row.id(1)?));
            }
        }
        let known = products.iter().filter_map(|id| Some((*id, *prices.get(id)?)));
        Ok(known.collect())
    }

    /// A page of a list that begins at place `first`; no rows at all mean that there is no such list,
    /// one row without a product that the page is empty.
    async fn list(
        &self,
        kind: &str,
        name: &str,
        first: usize,
    ) -> Result<Option<ProductList>, Error> {
        let place = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
        let statement = Statement::new(
            "SELECT l.total, p.id, p.name, p.category, p.price FROM lists l \
             LEFT JOIN list_entries e ON e.kind = l.kind AND e.name = l.name \
             AND e.place >= $3 AND e.place < $4 \
             LEFT JOIN products p ON p.id = e.product \
             WHERE l.kind = $1 AND l.name = $2 ORDER BY e.place",
        )
        .with(kind)
        .with(name)
        .with(place(first))
        .with(place(first.saturating_add(PAGE_SIZE)));
        let rows = self.0.read(statement).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let total = row.id(0)? as usize;
        let mut products = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.maybe_int(1)?.is_some() {
                products.push(product(row, 1)?);
            }
        }
        Ok(Some(ProductList { products, total }))
    }
}

/// Statements that insert `rows` where they are not there yet.
fn insert<const N: usize>(into: &str, rows: impl Iterator<Item = [Value; N]>) -> Vec<Statement> {
    let rows: Vec<[Value; N]> = rows.collect();
    let chunks = rows.chunks(INSERT_ROWS).map(|chunk| {
        let values: Vec<String> = (0..chunk.len())
            .map(|row| {
                let arguments: Vec<String> =
                    (1..=N).map(|column| format!("${}", row * N + column)).collect();
                format!("({})", arguments.join(", "))
            })
            .collect();
        let sql = format!("INSERT INTO {into} VALUES {} ON CONFLICT DO NOTHING", values.join(", "));
        let mut statement = Statement::composed(sql);
        statement.arguments.extend(chunk.iter().flatten().cloned());
        statement
    });
    chunks.collect()
}

/// Asks for the next power of two of prices, the last product repeated, so that there are few
/// different statements to prepare.
fn prices_of(products: &[ProductId]) -> Statement {
    let size = products.len().next_power_of_two();
    let places: Vec<String> = (1..=size).map(|place| format!("${place}")).collect();
    let sql = format!("SELECT id, price FROM products WHERE id IN ({})", places.join(", "));
    let mut statement = Statement::composed(sql);
    let repeated = products.last().into_iter().cycle();
    statement.arguments.extend(products.iter().chain(repeated).take(size).map(|id| id.0.into()));
    statement
}

fn product_id(row: &Row, column: usize) -> Result<ProductId, Error> {
    let id = row.int(column)?;
    u32::try_from(id)
        .map(ProductId)
        .map_err(|_| Error::broken("products", format!("{id} is no product's id")))
}

/// The product whose columns begin at `column`.
fn product(row: &Row, column: usize) -> Result<Product, Error> {
    Ok(Product {
        id: product_id(row, column)?,
        name: row.text(column + 1)?.to_owned(),
        category: row.text(column + 2)?.to_owned(),
        price: Money(row.id(column + 3)?),
    })
}
