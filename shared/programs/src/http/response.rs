//! What a server answers, read as it comes (RFC 9112). Lines are taken apart by `httparse`.

/// The most bytes that a line has (`CURL_MAX_HTTP_HEADER`).
const LONGEST_LINE: usize = 100 * 1024;

/// A piece of an answer. Lines come with what ends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The line that it begins with. There may be several heads: those of status 1xx announce another one.
    Status {
        line: Vec<u8>,
        status: u16,
        /// Of HTTP/1: 0 or 1.
        minor: u8,
        reason: String,
    },
    /// A header.
    Header { line: Vec<u8>, name: String, value: String },
    /// The blank line behind the headers, and how the end of the data is known.
    EndOfHead { line: Vec<u8>, framing: Framing },
    /// Data, and how many bytes came for them.
    Data { bytes: Vec<u8>, came: usize },
    /// That was all; so many bytes came too many.
    Over { excess: usize },
}

/// How the end of the data is known (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There are none.
    Nothing,
    /// There are so many bytes.
    Length(u64),
    /// They come in chunks, the last of which is empty.
    Chunked,
    /// The connection ends with them.
    ToTheEnd,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// It is not HTTP.
    NotHttp,
    /// It claims to be HTTP.
    Weird,
    /// A header that is none.
    Header,
    /// A length that is no number.
    Length,
    /// A line that is too long.
    TooLong,
    /// A chunk whose length cannot be read.
    Chunk,
}

/// What is missing where a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// All is there.
    Nothing,
    /// There was no answer.
    All,
    /// So many bytes of data.
    Bytes(u64),
    /// Some chunks.
    Chunks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Status,
    Headers,
    Left(u64),
    ToTheEnd,
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailer,
    Over,
}

/// Reads an answer.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    buffer: Vec<u8>,
    state: State,
    /// A request for the head alone has an answer without data.
    head_only: bool,
    status: u16,
    length: Option<u64>,
    chunked: bool,
}

impl Response {
    /// Of a request for the head alone, or for all.
    pub(crate) fn new(head_only: bool) -> Response {
        Response {
            buffer: Vec::new(),
            state: State::Status,
            head_only,
            status: 0,
            length: None,
            chunked: false,
        }
    }

    /// Takes what came.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next piece, where all of it has come.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn next(&mut self) -> Result<Option<Part>, Bad> {
        loop {
            match self.state {
                State::Status => return self.status_line(),
                State::Headers => return self.header(),
                State::Left(0) | State::Over => {
                    if self.state == State::Over {
                        return Ok(None);
                    }
                    self.state = State::Over;
                    return Ok(Some(Part::Over { excess: self.buffer.len() }));
                }
                State::Left(left) => return Ok(self.data(left, State::Left)),
                State::ToTheEnd => return Ok(self.data(u64::MAX, |_| State::ToTheEnd)),
                State::Chunk(0) => self.state = State::ChunkEnd,
                State::Chunk(left) => return Ok(self.data(left, State::Chunk)),
                State::ChunkSize => match httparse::parse_chunk_size(&self.buffer).map_err(|_| Bad::Chunk)? {
                    httparse::Status::Partial if self.buffer.len() > LONGEST_LINE => return Err(Bad::Chunk),
                    httparse::Status::Partial => return Ok(None),
                    httparse::Status::Complete((length, size)) => {
                        self.buffer.drain(..length);
                        self.state = if size == 0 { State::Trailer } else { State::Chunk(size) };
                    }
                },
                State::ChunkEnd => match self.line()? {
                    None => return Ok(None),
                    Some(line) if is_blank(&line) => self.state = State::ChunkSize,
                    Some(_) => return Err(Bad::Chunk),
                },
                State::Trailer => match self.line()? {
                    None => return Ok(None),
                    Some(line) if is_blank(&line) => self.state = State::Left(0),
                    Some(_) => {}
                },
            }
        }
    }

    /// What is missing, where nothing comes any more.
    pub(crate) fn missing(&self) -> Missing {
        match self.state {
            State::Status if self.status == 0 => Missing::All,
            // As curl has it, a head that is cut off is one.
            State::Status | State::ToTheEnd | State::Over | State::Left(0) => Missing::Nothing,
            State::Headers => match self.length {
                Some(length) if !self.head_only && length > 0 => Missing::Bytes(length),
                _ => Missing::Nothing,
            },
            State::Left(left) => Missing::Bytes(left),
            State::ChunkSize | State::Chunk(_) | State::ChunkEnd | State::Trailer => Missing::Chunks,
        }
    }

    /// Takes a line, once it is whole.
    fn line(&mut self) -> Result<Option<Vec<u8>>, Bad> {
        let end = self.buffer.iter().position(|byte| *byte == b'\n');
        if end.unwrap_or(self.buffer.len()) > LONGEST_LINE {
            return Err(Bad::TooLong);
        }
        Ok(end.map(|end| self.buffer.drain(..=end).collect()))
    }

    fn status_line(&mut self) -> Result<Option<Part>, Bad> {
        let begin = &self.buffer[..self.buffer.len().min(5)];
        if !b"HTTP/".starts_with(begin) {
            return Err(Bad::NotHttp);
        }
        let Some(line) = self.line()? else { return Ok(None) };
        let mut none = [];
        let mut parsed = httparse::Response::new(&mut none);
        let whole = [&line[..], b"\r\n"].concat();
        match (parsed.parse(&whole), parsed.code, parsed.version) {
            (Ok(_), Some(status), Some(minor)) => {
                let reason = parsed.reason.unwrap_or_default().to_owned();
                (self.status, self.length, self.chunked) = (status, None, false);
                self.state = State::Headers;
                Ok(Some(Part::Status { line, status, minor, reason }))
            }
            _ => Err(Bad::Weird),
        }
    }

    fn header(&mut self) -> Result<Option<Part>, Bad> {
        let Some(line) = self.line()? else { return Ok(None) };
        if is_blank(&line) {
            return Ok(Some(self.end_of_head(line)));
        }
        let mut headers = [httparse::EMPTY_HEADER];
        let whole = [&line[..], b"\r\n"].concat();
        httparse::parse_headers(&whole, &mut headers).map_err(|_| Bad::Header)?;
        let [header] = headers;
        let (name, value) = (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned());
        if name.eq_ignore_ascii_case("content-length") {
            let is_number = !value.is_empty() && value.bytes().all(|c| c.is_ascii_digit());
            self.length = Some(value.parse().ok().filter(|_| is_number).ok_or(Bad::Length)?);
        }
        self.chunked |= name.eq_ignore_ascii_case("transfer-encoding")
            && value.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"));
        Ok(Some(Part::Header { line, name, value }))
    }

    fn end_of_head(&mut self, line: Vec<u8>) -> Part {
        let framing = if self.head_only || matches!(self.status, 100..=199 | 204 | 304) {
            Framing::Nothing
        } else if self.chunked {
            Framing::Chunked
        } else {
            self.length.map_or(Framing::ToTheEnd, Framing::Length)
        };
        self.state = match framing {
            Framing::Nothing if matches!(self.status, 100..=199) => State::Status,
            Framing::Nothing => State::Left(0),
            Framing::Length(length) => State::Left(length),
            Framing::Chunked => State::ChunkSize,
            Framing::ToTheEnd => State::ToTheEnd,
        };
        Part::EndOfHead { line, framing }
    }

    /// Takes at most so much data.
    fn data(&mut self, left: u64, then: fn(u64) -> State) -> Option<Part> {
        if self.buffer.is_empty() {
            return None;
        }
        let came = self.buffer.len();
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(came);
        let bytes: Vec<u8> = self.buffer.drain(..most).collect();
        self.state = then(left - most as u64);
        Some(Part::Data { bytes, came })
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\r\n" | b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of an answer that comes in pieces of this size, and what is missing then.
    fn read(text: &str, size: usize, head_only: bool) -> Result<(String, String, Missing), Bad> {
        let mut response = Response::new(head_only);
        let (mut lines, mut data) = (String::new(), Vec::new());
        for piece in text.as_bytes().chunks(size) {
            response.feed(piece);
            while let Some(part) = response.next()? {
                match part {
                    Part::Status { status, minor, reason, .. } => {
                        lines += &format!("1.{minor} {status} {reason};");
                    }
                    Part::Header { name, value, .. } => lines += &format!("{name}={value};"),
                    Part::EndOfHead { framing, .. } => lines += &format!("{framing:?};"),
                    Part::Data { bytes, .. } => data.extend(bytes),
                    Part::Over { excess } => lines += &format!("over {excess}"),
                }
            }
        }
        Ok((lines, String::from_utf8_lossy(&data).into_owned(), response.missing()))
    }

    fn reads(text: &str, lines: &str, data: &str, missing: Missing) {
        for size in [1, 2, 7, 1000] {
            assert_eq!(
                read(text, size, false),
                Ok((lines.to_owned(), data.to_owned(), missing)),
                "{size}: {text}"
            );
        }
    }

    #[test]
    fn the_end_of_the_data_is_known() {
        use Missing::{All, Bytes, Chunks, Nothing};
        reads(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "1.1 200 OK;Content-Length=3;Length(3);over 0",
            "abc",
            Nothing,
        );
        reads("HTTP/1.0 200 OK\nA: b c\n\nabc", "1.0 200 OK;A=b c;ToTheEnd;", "abc", Nothing);
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n";
        let head = "1.1 200 OK;Transfer-Encoding=chunked;Chunked;";
        reads(chunks, head, "abcde", Chunks);
        reads(&format!("{chunks}0\r\nA: b\r\n\r\n"), &format!("{head}over 0"), "abcde", Nothing);
        reads("HTTP/1.1 204 No\r\n\r\n", "1.1 204 No;Nothing;over 0", "", Nothing);
        reads(
            "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "1.1 100 Go;Nothing;1.1 200 OK;Content-Length=0;Length(0);over 0",
            "",
            Nothing,
        );
        reads("", "", "", All);
        reads("HTTP/1.1", "", "", All);
        reads("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", "1.1 200 OK;Content-Length=3;", "", Bytes(3));
        reads(
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
            "1.1 200 OK;Content-Length=9;Length(9);",
            "ab",
            Bytes(7),
        );
    }

    #[test]
    fn a_head_alone_has_no_data() {
        let read = read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 1000, true);
        let lines = "1.1 200 OK;Content-Length=3;Nothing;over 3".to_owned();
        assert_eq!(read, Ok((lines, String::new(), Missing::Nothing)));
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let head = "HTTP/1.1 200 OK\r\n";
        for (text, bad) in [
            ("garbage".to_owned(), Bad::NotHttp),
            ("HTTP/7 x\r\n".to_owned(), Bad::Weird),
            (format!("{head}A b\r\n"), Bad::Header),
            (format!("{head}Content-Length: x\r\n"), Bad::Length),
            (format!("{head}Content-Length: +1\r\n"), Bad::Length),
            (format!("{head}Content-Length: 99999999999999999999\r\n"), Bad::Length),
            (format!("{head}Transfer-Encoding: chunked\r\n\r\nx\r\n"), Bad::Chunk),
            (format!("{head}Transfer-Encoding: chunked\r\n\r\n1\r\nab"), Bad::Chunk),
            (format!("{head}A: {}", "b".repeat(LONGEST_LINE)), Bad::TooLong),
        ] {
            let read = read(&text, 4096, false);
            // A chunk that is followed by too much shows so when its line ends.
            let longer = self::read(&format!("{text}\r\n"), 4096, false);
            assert!(read == Err(bad) || longer == Err(bad), "{text:.60}: {read:?}");
        }
    }
}
