//! Balancers before the service: they say for whom they connect, in the header of the PROXY protocol, version 2. It is read from
//! those alone whom the settings list, and these have to send it: from anybody else it would be a claim.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How long the header may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// What every header begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of addresses and of what a balancer says besides.
const LONGEST: usize = 4096;

/// A network of balancers: `10.0.0.5` or `10.0.0.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither an address nor a network such as 10.0.0.0/24");
        let (address, bits) = text.split_once('/').map_or((text, None), |(at, bits)| (at, Some(bits)));
        let first: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let whole = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(whole), str::parse).map_err(|_| wrong())?;
        if bits > whole {
            return Err(wrong());
        }
        Ok(Self { first, bits })
    }
}

impl Network {
    /// Whether an address is one of this network.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, length: u8| {
            let shift = u32::from(length - self.bits);
            // A network of no bits is everybody.
            a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
        };
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// For whom a balancer connects, and how its header is read; none where it looks after the service itself.
///
/// # Errors
/// When what comes is no header of version 2, or too long.
pub async fn origin(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<IpAddr>> {
    let other = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let mut head = [0; 16];
    stream.read_exact(&mut head).await?;
    let [.., command, family, high, low] = head;
    if !head.starts_with(&SIGNATURE) || command >> 4 != 2 {
        return Err(other("a listed balancer sends no header of the PROXY protocol, version 2"));
    }
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST {
        return Err(other("the header of a balancer is too long"));
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    match (command & 15, family) {
        // LOCAL: the balancer asks for itself.
        (0, _) => Ok(None),
        (1, 0x11) => match rest.first_chunk::<4>() {
            Some(from) if rest.len() >= 12 => Ok(Some(Ipv4Addr::from(*from).into())),
            _ => Err(other("the header of a balancer is cut off")),
        },
        (1, 0x21) => match rest.first_chunk::<16>() {
            Some(from) if rest.len() >= 36 => Ok(Some(IpAddr::from(Ipv6Addr::from(*from)).to_canonical())),
            _ => Err(other("the header of a balancer is cut off")),
        },
        _ => Err(other("a balancer connects for something else than TCP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([command, family]);
        bytes.extend(u16::try_from(rest.len()).unwrap().to_be_bytes());
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let rows = [
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "10.0.0.6", false),
            ("10.0.0.0/24", "10.0.0.255", true),
            ("10.0.0.0/24", "10.0.1.0", false),
            ("0.0.0.0/0", "192.0.2.7", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("10.0.0.5", "::ffff:10.0.0.5", true),
            ("::/0", "2001:db8::1", true),
        ];
        for (network, address, want) in rows {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.has(address.parse().unwrap()), want, "{network:?} {address}");
        }
        for wrong in ["", "balancer", "10.0.0.0/33", "::/129", "10.0.0.0/x", "10.0.0/8"] {
            assert!(wrong.parse::<Network>().unwrap_err().contains("neither an address"), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_header_says_for_whom() {
        let v4: &[u8] = &[192, 0, 2, 7, 10, 0, 0, 1, 1, 2, 3, 4];
        let mut v6 = "2001:db8::7".parse::<Ipv6Addr>().unwrap().octets().to_vec();
        v6.extend([0; 20]);
        let more = [v4, &[0x20, 0, 2, 9, 9]].concat();
        let rows: [(&str, Vec<u8>, Result<Option<&str>, &str>); 9] = [
            ("IPv4", header(0x21, 0x11, v4), Ok(Some("192.0.2.7"))),
            ("with more behind", header(0x21, 0x11, &more), Ok(Some("192.0.2.7"))),
            ("IPv6", header(0x21, 0x21, &v6), Ok(Some("2001:db8::7"))),
            ("itself", header(0x20, 0, &[]), Ok(None)),
            ("cut off", header(0x21, 0x11, &v4[..7]), Err("cut off")),
            ("of version 1", b"PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n".to_vec(), Err("no header")),
            ("a request", b"GET / HTTP/1.1\r\nHost: board\r\n\r\n".to_vec(), Err("no header")),
            ("of datagrams", header(0x21, 0x12, v4), Err("something else than TCP")),
            ("too long", header(0x21, 0x11, &[0; 5000]), Err("too long")),
        ];
        for (row, bytes, want) in rows {
            let all = [bytes.as_slice(), b"GET"].concat();
            let mut read = all.as_slice();
            let said = origin(&mut read).await;
            match want {
                Ok(want) => {
                    assert_eq!(said.unwrap(), want.map(|address| address.parse().unwrap()), "{row}");
                    assert_eq!(read, b"GET", "{row}: what follows is not read");
                }
                Err(want) => assert!(said.unwrap_err().to_string().contains(want), "{row}"),
            }
        }
    }
}
