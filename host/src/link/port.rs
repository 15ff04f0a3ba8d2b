//! A serial port: which one is the board's, opening it, bytes in and out.

use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::time::Duration;

use hdl::board::Board;
use serialport::{SerialPort, SerialPortInfo, SerialPortType, TTYPort};

use super::LinkError;

/// An open port that no other program uses.
pub struct Port {
    tty: TTYPort,
    path: String,
    baud: u32,
}

impl Port {
    /// Opens a port at `baud`, 8N1, raw, for this program alone.
    ///
    /// # Errors
    /// No such port, not a port, in use, not permitted, no such rate.
    pub fn open(path: &str, baud: u32) -> Result<Port, LinkError> {
        let builder = serialport::new(path, baud).timeout(Duration::from_millis(1));
        let tty = TTYPort::open(&builder).map_err(|error| refused(path, baud, error))?;
        let port = Port {
            tty,
            path: path.to_owned(),
            baud,
        };
        // What an earlier program left; nothing depends on it.
        let _ = port.tty.clear(serialport::ClearBuffer::Input);
        Ok(port)
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn baud(&self) -> u32 {
        self.baud
    }

    /// Hands all bytes to the system, which sends them one after another.
    ///
    /// # Errors
    /// The port is gone; so also below.
    pub fn send(&mut self, mut bytes: &[u8]) -> Result<(), LinkError> {
        while !bytes.is_empty() {
            match self.tty.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if patient(&error) => {}
                Err(source) => return Err(self.gone(source)),
            }
        }
        Ok(())
    }

    /// Bytes that have come, waiting up to `timeout` for the first; none if none came.
    pub fn receive(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        // Zero would mean forever to some drivers.
        let timeout = timeout.max(Duration::from_millis(1));
        let read = (self.tty.set_timeout(timeout))
            .map_err(io::Error::from)
            .and_then(|()| self.tty.read(buffer));
        match read {
            Ok(0) => Err(self.gone(ErrorKind::UnexpectedEof.into())),
            Ok(count) => Ok(count),
            Err(error) if patient(&error) => Ok(0),
            Err(source) => Err(self.gone(source)),
        }
    }

    fn gone(&self, source: io::Error) -> LinkError {
        LinkError::Unplugged {
            path: self.path.clone(),
            source,
        }
    }
}

fn patient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
    )
}

fn refused(path: &str, baud: u32, error: serialport::Error) -> LinkError {
    use serialport::ErrorKind as Kind;
    let path = path.to_owned();
    match error.kind {
        Kind::Io(ErrorKind::PermissionDenied) => LinkError::Permission { path },
        Kind::Io(ErrorKind::NotFound) => LinkError::NoPort { path },
        // The library locks ports, as pyserial and others do, and tells only so in words.
        _ if error.description.contains("lock") || error.description.contains("busy") => {
            LinkError::Busy { path }
        }
        Kind::NoDevice if !Path::new(&path).exists() => LinkError::NoPort { path },
        Kind::InvalidInput => LinkError::Baud {
            path,
            baud,
            source: error,
        },
        _ => LinkError::NotAPort {
            path,
            source: error,
        },
    }
}

/// The port of the one board that is plugged in, by the USB bridges that boards name.
///
/// # Errors
/// None, or several.
pub fn find() -> Result<String, LinkError> {
    // Where there is no such folder there are no ports either; the library would panic.
    let ports = match Path::new("/sys/class/tty").is_dir() || cfg!(not(target_os = "linux")) {
        true => serialport::available_ports().unwrap_or_default(),
        false => vec![],
    };
    choose(&ports)
}

fn choose(ports: &[SerialPortInfo]) -> Result<String, LinkError> {
    let names = |ports: &[&SerialPortInfo]| {
        let names: Vec<_> = ports.iter().map(|port| port.port_name.as_str()).collect();
        names.join(", ")
    };
    let found: Vec<&SerialPortInfo> = ports.iter().filter(|port| is_bridge(port)).collect();
    match found[..] {
        [port] => Ok(port.port_name.clone()),
        [] => {
            let all: Vec<&SerialPortInfo> = ports.iter().collect();
            let seen = match all[..] {
                [] => "there are no serial ports".to_owned(),
                _ => format!("ports: {}", names(&all)),
            };
            Err(LinkError::NoBoard { seen })
        }
        _ => Err(LinkError::Several {
            ports: names(&found),
        }),
    }
}

/// Whether some board's line comes out of this port.
fn is_bridge(port: &SerialPortInfo) -> bool {
    let SerialPortType::UsbPort(usb) = &port.port_type else {
        return false;
    };
    let id = format!("{:04x}:{:04x}", usb.vid, usb.pid);
    Board::all().iter().any(|board| {
        let wanted = board.uart.usb_interface;
        // Some systems do not tell the interface.
        let fits = wanted.is_none() || usb.interface.is_none() || usb.interface == wanted;
        board.uart.usb.contains(&id) && fits
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serialport::UsbPortInfo;

    fn usb(name: &str, vid: u16, pid: u16, interface: Option<u8>) -> SerialPortInfo {
        SerialPortInfo {
            port_name: name.to_owned(),
            port_type: SerialPortType::UsbPort(UsbPortInfo {
                vid,
                pid,
                serial_number: None,
                manufacturer: None,
                product: None,
                interface,
            }),
        }
    }

    #[test]
    fn the_second_half_of_an_icebreakers_bridge_is_its_line() {
        let ports = [
            usb("/dev/ttyUSB0", 0x0403, 0x6010, Some(0)),
            usb("/dev/ttyUSB1", 0x0403, 0x6010, Some(1)),
            usb("/dev/ttyACM0", 0x2341, 0x0043, None),
        ];
        assert_eq!(choose(&ports).unwrap(), "/dev/ttyUSB1");
    }

    #[test]
    fn without_one_board_the_error_names_the_ports() {
        let modem = usb("/dev/ttyACM0", 0x2341, 0x0043, None);
        let boards = [
            usb("/dev/ttyUSB0", 0x0403, 0x6015, None),
            usb("/dev/ttyACM1", 0x0d28, 0x0204, Some(1)),
        ];
        let texts =
            [&[][..], &[modem], &boards].map(|ports| choose(ports).unwrap_err().to_string());
        insta::assert_snapshot!(texts.join("\n"), @r"
        no board is plugged in: no serial port is a USB bridge of one (there are no serial ports)
        no board is plugged in: no serial port is a USB bridge of one (ports: /dev/ttyACM0)
        several ports may be the board's: /dev/ttyUSB0, /dev/ttyACM1
        ");
    }
}
