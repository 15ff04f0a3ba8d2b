//! The server of a page that follows a run: `/` is the page as it stands, `/events` sends what its `main` becomes.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::Html;
use axum::routing::get;
use axum::Router;
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

/// A page that does not take the last frame in this time does not keep the program.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the page shows.
#[derive(Clone, Default)]
struct Frame {
    main: Arc<str>,
    /// Nothing follows.
    last: bool,
}

/// A server on a thread of its own; what reads it never holds up whoever sends.
pub struct Server {
    pub address: SocketAddr,
    /// `None` when it is being dropped.
    sending: Option<Sending>,
    /// Hears of every page that was sent the last frame.
    seen: mpsc::Receiver<()>,
}

/// What makes the thread go on, and what waits for it.
struct Sending(watch::Sender<Frame>, JoinHandle<()>);

#[derive(Clone)]
struct Served {
    frames: watch::Receiver<Frame>,
    seen: mpsc::Sender<()>,
    page: Arc<Page>,
}

/// Puts a frame into a page.
type Page = dyn Fn(&str) -> String + Send + Sync;

impl Server {
    /// Serves `page` on this machine's own address only; port 0 is one that is free.
    ///
    /// # Errors
    /// The port cannot be had.
    pub fn new(
        port: u16,
        page: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (frames, receiver) = watch::channel(Frame::default());
        let (sender, seen) = mpsc::channel();
        let served = Served {
            frames: receiver,
            seen: sender,
            page: Arc::new(page),
        };
        let thread = thread::spawn(move || runtime.block_on(serve(listener, served)));
        Ok(Server {
            address,
            sending: Some(Sending(frames, thread)),
            seen,
        })
    }

    /// Sends a frame to every page that is open, and to those that are opened before the next; after the last one none
    /// follows.
    pub fn send(&self, main: String, last: bool) {
        if let Some(Sending(frames, _)) = &self.sending {
            let main = main.into();
            frames.send_replace(Frame { main, last });
        }
    }

    /// Some page was sent the last frame.
    pub fn is_seen(&self) -> bool {
        self.seen.try_recv().is_ok()
    }

    /// Waits until some page was sent the last frame.
    pub fn wait(&self) {
        // The other end lives as long as the thread; should that be gone, there is nothing to wait for.
        let _ = self.seen.recv();
    }
}

/// Ends the thread, when the pages that are open were sent the last frame.
impl Drop for Server {
    fn drop(&mut self) {
        if let Some(Sending(frames, thread)) = self.sending.take() {
            drop(frames);
            // A thread that panicked has told so.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, served: Served) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let [closed, late] = [served.frames.clone(), served.frames.clone()].map(closed);
    let routes = Router::new()
        .route("/", get(whole))
        .route("/events", get(events))
        .with_state(served);
    let server = axum::serve(listener, routes).with_graceful_shutdown(closed);
    let given_up = async {
        late.await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        // It accepts connections until it is closed; single ones may break off.
        _ = server => {}
        () = given_up => {}
    }
}

/// Ends when nobody sends any more.
async fn closed(mut frames: watch::Receiver<Frame>) {
    while frames.changed().await.is_ok() {}
}

async fn whole(State(served): State<Served>) -> Html<String> {
    let main = served.frames.borrow().main.clone();
    Html((served.page)(&main))
}

async fn events(
    State(mut served): State<Served>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    served.frames.mark_changed();
    let frames = stream::unfold(Some(served), |served| async move {
        let mut served = served?;
        served.frames.changed().await.ok()?;
        let Frame { main, last } = served.frames.borrow_and_update().clone();
        let name = if last { "end" } else { "run" };
        if last {
            // Nobody waits for it after an interruption.
            let _ = served.seen.send(());
        }
        let event = Event::default().event(name).data(main);
        Some((Ok(event), (!last).then_some(served)))
    });
    Sse::new(frames).keep_alive(KeepAlive::default())
}
