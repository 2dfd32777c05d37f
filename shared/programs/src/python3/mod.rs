//! `python3 -m http.server`, as in Debian's Python 3.11.2: a server of HTTP.
//!
//! There are no files here. In the place of what lies in a folder it serves one page, as if that were its `index.html`:
//! the page names the namespace. Where Python ends with a traceback, its last line alone is printed. The banner comes at
//! once, as on a terminal.

mod options;
mod reply;
mod request;

use super::process::{Poll, Process, Signal, Wait};
use super::{Context, Failure, Parsed, refused};
use options::{Command, Server};
use reply::Reply;
use request::Reading;
use std::net::{IpAddr, SocketAddr};
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::words::WordList;

/// How many connections may wait to be accepted (`request_queue_size` in `socketserver.py`).
const BACKLOG: u32 = 5;
/// How much is read at once (`io.DEFAULT_BUFFER_SIZE`).
const AT_ONCE: usize = 8192;
/// How soon it is tried again whether there is room for what is to be sent.
const ROOM: Duration = Duration::from_millis(10);

/// Reads the words behind `python3`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let invocation = Invocation::new("python3", words.clone(), Effect::Alters);
    match options::parse(words) {
        Ok(Command::Serve(server)) => Parsed::new(invocation, Ok(HttpServer::new(server))),
        Ok(Command::Print(text)) => {
            let says = super::process::Says { out: text, err: String::new(), status: 0 };
            Parsed::new(invocation, Ok(says))
        }
        Err(failure) => Parsed::new(invocation, Err::<HttpServer, _>(failure)),
    }
}

/// What a namespace serves.
pub(super) fn page(namespace: &NamespaceName) -> String {
    format!(
        "<!DOCTYPE html><title>{namespace}</title><p>This page is served in the namespace {namespace}.</p>\n"
    )
}

/// A server.
#[derive(Clone, Debug)]
struct HttpServer {
    server: Server,
    /// The socket that takes in connections, once it has begun.
    listener: Option<SocketId>,
    /// When that was: the page is as old.
    began: Instant,
    conversations: Vec<Conversation>,
}

/// A connection that was accepted.
#[derive(Clone, Debug)]
struct Conversation {
    socket: SocketId,
    peer: IpAddr,
    port: u16,
    reading: Reading,
    /// What is to be sent, piece by piece, once the request was read.
    answer: Option<std::collections::VecDeque<Vec<u8>>>,
}

/// The last line of a traceback.
fn os_error(error: StackError) -> Failure {
    refused(error, 1, exception)
}

/// An error as Python names it (PEP 3151).
fn exception(errno: Errno) -> String {
    let class = match errno {
        Errno::EACCES => "PermissionError",
        Errno::ECONNRESET => "ConnectionResetError",
        Errno::EPIPE => "BrokenPipeError",
        Errno::ETIMEDOUT => "TimeoutError",
        _ => "OSError",
    };
    format!("{class}: [Errno {}] {errno}", errno.0)
}

impl HttpServer {
    fn new(server: Server) -> HttpServer {
        HttpServer { server, listener: None, began: Instant::START, conversations: Vec::new() }
    }

    /// Takes its place (`TCPServer.__init__`), and says so.
    fn begin(&mut self, context: &mut Context<'_>) -> Result<SocketId, Failure> {
        let namespace = context.namespace.clone();
        let socket = context.stack.open(&namespace, &SocketKind::Tcp(Family::Inet)).map_err(os_error)?;
        self.listener = Some(socket);
        self.began = context.stack.now();
        context.stack.set_option(socket, &SocketOption::ReuseAddress(true)).map_err(os_error)?;
        let own = SocketAddr::new(self.server.address.into(), self.server.port);
        context.stack.bind(socket, own).map_err(os_error)?;
        context.stack.listen(socket, BACKLOG).map_err(os_error)?;
        let own = context.stack.local_address(socket).map_err(os_error)?;
        let (host, port) = (own.ip(), own.port());
        context.console.out(&format!("Serving HTTP on {host} port {port} (http://{host}:{port}/) ...\n"));
        if !context.can_be_ended() && context.jobs.is_empty() {
            let message = "vethlab: nobody can connect while 'python3 -m http.server' waits here; let it wait in the background: add &";
            return Err(Failure::exit(2, message));
        }
        Ok(socket)
    }

    /// Takes in whoever connects.
    fn accept(&mut self, listener: SocketId, context: &mut Context<'_>) -> Result<(), Failure> {
        while let Some(accepted) = context.stack.accept(listener).map_err(os_error)? {
            self.conversations.push(Conversation {
                socket: accepted.socket,
                peer: accepted.peer.ip(),
                port: accepted.peer.port(),
                reading: Reading::default(),
                answer: None,
            });
        }
        Ok(())
    }
}

impl Conversation {
    /// Goes on: whether it is over.
    fn step(&mut self, page: &str, since: Instant, context: &mut Context<'_>) -> Result<bool, Failure> {
        match self.go_on(page, since, context) {
            Ok(over) => Ok(over),
            Err(StackError::Refused { errno, .. }) => {
                self.tell_error(errno, context);
                Ok(true)
            }
            Err(error) => Err(os_error(error)),
        }
    }

    fn go_on(&mut self, page: &str, since: Instant, context: &mut Context<'_>) -> Result<bool, StackError> {
        while self.answer.is_none() {
            if let Some(request) = self.reading.request() {
                let reply = Reply::to(request, page, since, context.stack.now());
                for line in reply.log {
                    let time = super::date::at(context.stack.now(), "%d/%b/%Y %H:%M:%S");
                    context.console.err(&format!("{} - - [{time}] {line}\n", self.peer));
                }
                self.answer = Some(reply.pieces.into());
            } else {
                match context.stack.read(self.socket, AT_ONCE)? {
                    None => return Ok(false),
                    Some(bytes) => self.reading.take(&bytes),
                }
            }
        }
        let Some(answer) = &mut self.answer else { return Ok(false) };
        while let Some(piece) = answer.front_mut() {
            let taken = context.stack.write(self.socket, piece)?;
            piece.drain(..taken);
            if !piece.is_empty() {
                return Ok(false);
            }
            answer.pop_front();
        }
        // It may be over already (`shutdown_request`).
        let _ = context.stack.shutdown(self.socket, Shutdown::Write);
        Ok(true)
    }

    /// Tells of a connection that broke (`BaseServer.handle_error`), without the traceback.
    fn tell_error(&self, errno: Errno, context: &mut Context<'_>) {
        let line = "-".repeat(40);
        let (peer, port, exception) = (self.peer, self.port, exception(errno));
        context.console.err(&format!(
            "{line}\nException occurred during processing of request from ('{peer}', {port})\n{exception}\n{line}\n"
        ));
    }
}

impl Process for HttpServer {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let listener = match self.listener {
            Some(listener) => listener,
            None => self.begin(context)?,
        };
        if context.console.interrupted() {
            context.console.out("\nKeyboard interrupt received, exiting.\n");
            return Ok(Poll::Ready(0));
        }
        self.accept(listener, context)?;
        let (page, since) = (page(&context.namespace), self.began);
        let mut going = Vec::new();
        for mut conversation in std::mem::take(&mut self.conversations) {
            match conversation.step(&page, since, context) {
                Ok(false) => going.push(conversation),
                Ok(true) => context.stack.close(conversation.socket),
                Err(failure) => {
                    going.push(conversation);
                    self.conversations = going;
                    return Err(failure);
                }
            }
        }
        self.conversations = going;
        // One that has no room to write would wake by what it does not read.
        let (writing, reading): (Vec<_>, Vec<_>) =
            self.conversations.iter().partition(|conversation| conversation.answer.is_some());
        let deadline = if writing.is_empty() { Instant::FOREVER } else { context.stack.now() + ROOM };
        let sockets = reading.iter().map(|conversation| conversation.socket).chain([listener]).collect();
        Ok(Poll::Pending(Wait::until(deadline, sockets)))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        let open = self.conversations.drain(..).map(|conversation| conversation.socket);
        for socket in open.chain(self.listener.take()) {
            stack.close(socket);
        }
    }

    fn handles(&self, signal: Signal) -> bool {
        signal == Signal::Interrupt
    }

    fn ends_by_itself(&self) -> bool {
        false
    }
}
