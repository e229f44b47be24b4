//! The shop's site and the products' pictures in their bucket: the same calls on every backend.
//!
//! Pictures are drawn one by one as they are sent, so that those under way are all that is in memory.

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use securecart_domain::{
    ProductId, picture,
    resources::{
        ASSETS_PREFIX, IMAGES, INDEX_KEY, PLACEHOLDER_IMAGE_KEY, STOREFRONT_BUCKET, image_key,
    },
};

use crate::{Clients, Error, ErrorKind};

/// Uploads that are under way at once.
const UPLOADS_IN_FLIGHT: usize = 16;

/// The page may change with each release: browsers ask again after a minute.
const PAGE_CACHE: &str = "public, max-age=60";

/// Pictures and the files beside the page hardly change.
const FILE_CACHE: &str = "public, max-age=86400";

/// A file of the site.
struct File {
    key: String,
    content_type: &'static str,
    cache: &'static str,
    body: Vec<u8>,
}

/// Creates the bucket and puts the site and the pictures of `products` into it: those of the
/// [`IMAGES`] most popular, and the one that the others share.
pub(crate) async fn fill(
    clients: &Clients,
    products: impl Iterator<Item = ProductId>,
) -> Result<(), Error> {
    clients
        .s3
        .create_bucket()
        .bucket(STOREFRONT_BUCKET)
        .send()
        .await
        .map_err(|error| Error::call(format!("create bucket `{STOREFRONT_BUCKET}`"), error))?;
    let pictures = products
        .filter(|product| product.0 < IMAGES)
        .map(|product| svg(image_key(product), picture::of_product(product)));
    let placeholder =
        std::iter::once_with(|| svg(PLACEHOLDER_IMAGE_KEY.to_owned(), picture::placeholder()));
    let mut uploads = Vec::new();
    uploads.extend(site());
    // Collected in portions: a closure that borrows would keep the future from being sent to a thread.
    let mut files = uploads.into_iter().chain(placeholder).chain(pictures).peekable();
    while files.peek().is_some() {
        let portion: Vec<_> =
            files.by_ref().take(UPLOADS_IN_FLIGHT).map(|file| put(clients, file)).collect();
        stream::iter(portion).buffer_unordered(UPLOADS_IN_FLIGHT).try_collect::<()>().await?;
    }
    Ok(())
}

/// The files of the site, which are part of the program.
fn site() -> [File; 3] {
    let asset = |name: &str, content_type, body: &[u8]| File {
        key: format!("{ASSETS_PREFIX}{name}"),
        content_type,
        cache: FILE_CACHE,
        body: body.to_vec(),
    };
    [
        File {
            key: INDEX_KEY.to_owned(),
            content_type: "text/html; charset=utf-8",
            cache: PAGE_CACHE,
            body: include_bytes!("../storefront/index.html").to_vec(),
        },
        asset("app.js", "text/javascript", include_bytes!("../storefront/assets/app.js")),
        asset("style.css", "text/css", include_bytes!("../storefront/assets/style.css")),
    ]
}

fn svg(key: String, picture: String) -> File {
    File { key, content_type: "image/svg+xml", cache: FILE_CACHE, body: picture.into_bytes() }
}

async fn put(clients: &Clients, file: File) -> Result<(), Error> {
    let context = format!("put object `{}`", file.key);
    clients
        .s3
        .put_object()
        .bucket(STOREFRONT_BUCKET)
        .key(file.key)
        .content_type(file.content_type)
        .cache_control(file.cache)
        .body(ByteStream::from(file.body))
        .send()
        .await
        .map_err(|error| Error::call(context, error))?;
    Ok(())
}

/// Empties the bucket; `false` when there is none.
pub(crate) async fn empty(clients: &Clients) -> Result<bool, Error> {
    let context = format!("empty bucket `{STOREFRONT_BUCKET}`");
    loop {
        let listed = clients.s3.list_objects_v2().bucket(STOREFRONT_BUCKET).send().await;
        let listed = match listed {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_bucket()) => {
                return Ok(false);
            }
            other => other.map_err(|error| Error::call(&context, error))?,
        };
        let keys = listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        let objects: Result<Vec<_>, _> =
            keys.map(|key| ObjectIdentifier::builder().key(key).build()).collect();
        let delete = objects.and_then(|objects| {
            let found = !objects.is_empty();
            let delete = Delete::builder().quiet(true).set_objects(Some(objects)).build();
            delete.map(|delete| found.then_some(delete))
        });
        let Ok(delete) = delete else {
            return Err(Error { kind: ErrorKind::Missing("key"), context });
        };
        let Some(delete) = delete else { return Ok(true) };
        let deleted = clients.s3.delete_objects().bucket(STOREFRONT_BUCKET).delete(delete);
        deleted.send().await.map_err(|error| Error::call(&context, error))?;
    }
}
