//! The body of an answer: whole, or in chunks as they come.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, combinators::BoxBody};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// Why a body that streams broke off. Whoever reads it sees the connection close.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A body that is sent. The next chunk is asked for when the last has gone into the socket's buffer,
/// so a slow reader holds up nobody's memory.
pub struct Body(Kind);

enum Kind {
    /// `None` once it was sent.
    Whole(Option<Bytes>),
    Stream(BoxBody<Bytes, BodyError>),
}

impl Body {
    /// The chunks of `body`, which knows its length where it can.
    pub fn stream<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + Sync + 'static,
        B::Error: Into<BodyError>,
    {
        Self(Kind::Stream(body.map_err(Into::into).boxed()))
    }

    /// `chunks`, which have `length` bytes together.
    pub fn chunks(
        length: u64,
        chunks: impl Iterator<Item = Bytes> + Send + Sync + Unpin + 'static,
    ) -> Self {
        Self::stream(Chunks { left: length, chunks })
    }

    /// The body, where it is whole.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => bytes.as_ref(),
            Kind::Stream(_) => None,
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::from(Bytes::new())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole((!bytes.is_empty()).then_some(bytes)))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Stream(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_none(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Whole(bytes) => f.debug_tuple("Whole").field(bytes).finish(),
            Kind::Stream(body) => f.debug_tuple("Stream").field(&body.size_hint()).finish(),
        }
    }
}

/// Chunks that are there already.
struct Chunks<I> {
    left: u64,
    chunks: I,
}

impl<I: Iterator<Item = Bytes> + Unpin> HttpBody for Chunks<I> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let chunk = self.chunks.next();
        if let Some(chunk) = &chunk {
            self.left = self.left.saturating_sub(chunk.len() as u64);
        }
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn chunks_come_in_order_and_the_length_is_known() {
        let chunks = [Bytes::from_static(b"one"), Bytes::from_static(b"two")];
        let body = Body::chunks(6, chunks.into_iter());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(6), false));
        assert_eq!(body.collect().await.expect("whole").to_bytes(), "onetwo");
        let body = Body::from(Bytes::from_static(b"whole"));
        assert_eq!(body.whole().map(Bytes::len), Some(5));
        assert_eq!(body.collect().await.expect("whole").to_bytes(), "whole");
        assert!(Body::default().is_end_stream());
    }
}
