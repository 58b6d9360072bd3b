//! The creation date of a revision: a Python `datetime`, with a time zone when the configuration names one.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::error::ScriptError;

/// A moment as Python's `datetime` would hold it.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateDate {
    moment: Zoned,
    /// Whether the zone is part of the value, so that the offset is written.
    aware: bool,
}

impl CreateDate {
    /// Returns `now` in the zone named `timezone`, or as local time without a zone.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn at(now: Timestamp, timezone: Option<&str>) -> Result<Self, ScriptError> {
        let Some(name) = timezone.filter(|name| !name.is_empty()) else {
            return Ok(CreateDate {
                moment: now.to_zoned(TimeZone::system()),
                aware: false,
            });
        };
        let zone = TimeZone::get(name).map_err(|_| ScriptError::UnknownTimezone { name: name.to_owned() })?;
        Ok(CreateDate {
            moment: now.to_zoned(zone),
            aware: true,
        })
    }

    /// Returns the current moment; see [`CreateDate::at`].
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn now(timezone: Option<&str>) -> Result<Self, ScriptError> {
        Self::at(Timestamp::now(), timezone)
    }

    /// Returns the date and time on the wall.
    pub fn civil(&self) -> DateTime {
        self.moment.datetime()
    }

    /// Returns whole seconds since 1970.
    pub fn epoch(&self) -> i64 {
        self.moment.timestamp().as_second()
    }

    /// Returns microseconds since the last whole second.
    pub fn microsecond(&self) -> i64 {
        i64::from(self.civil().subsec_nanosecond()) / 1000
    }

    /// Returns what `isoformat(separator)` writes.
    pub fn isoformat(&self, separator: &str) -> String {
        format!("{}{separator}{}{}", self.civil().date(), self.time(), self.offset())
    }

    /// Returns what `strftime(pattern)` writes, or `None` for a pattern that is not understood.
    pub fn strftime(&self, pattern: &str) -> Option<String> {
        // Python writes microseconds as `%f`, always six digits; a `datetime` without zone has an empty `%z` and `%Z`.
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            let directive: String = rest[at..].chars().take(2).collect();
            match directive.as_str() {
                "%f" => text.push_str(&format!("{:06}", self.microsecond())),
                "%z" | "%Z" if !self.aware => {}
                _ => text.push_str(&jiff::fmt::strtime::format(&directive, &self.moment).ok()?),
            }
            rest = &rest[at + directive.len()..];
        }
        text.push_str(rest);
        Some(text)
    }

    /// Returns what `repr()` writes.
    pub fn repr(&self) -> String {
        let at = self.civil();
        let mut parts = vec![
            at.year().to_string(),
            at.month().to_string(),
            at.day().to_string(),
            at.hour().to_string(),
            at.minute().to_string(),
        ];
        if at.second() != 0 || self.microsecond() != 0 {
            parts.push(at.second().to_string());
        }
        if self.microsecond() != 0 {
            parts.push(self.microsecond().to_string());
        }
        if self.aware {
            let name = self.moment.time_zone().iana_name().unwrap_or("UTC");
            parts.push(format!("tzinfo=zoneinfo.ZoneInfo(key='{name}')"));
        }
        format!("datetime.datetime({})", parts.join(", "))
    }

    fn time(&self) -> String {
        let at = self.civil();
        let whole = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
        match self.microsecond() {
            0 => whole,
            micro => format!("{whole}.{micro:06}"),
        }
    }

    fn offset(&self) -> String {
        if !self.aware {
            return String::new();
        }
        let seconds = self.moment.offset().seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let seconds = seconds.unsigned_abs();
        let whole = format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
        match seconds % 60 {
            0 => whole,
            rest => format!("{whole}:{rest:02}"),
        }
    }
}

/// What Python's `str()` writes.
impl fmt::Display for CreateDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.isoformat(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, zone: &str) -> CreateDate {
        CreateDate::at(text.parse().unwrap(), Some(zone)).unwrap()
    }

    #[test]
    fn written_as_python_does() {
        let utc = at("2024-01-01T10:00:00Z", "UTC");
        assert_eq!(utc.to_string(), "2024-01-01 10:00:00+00:00");
        assert_eq!(utc.isoformat("T"), "2024-01-01T10:00:00+00:00");
        let fraction = at("2024-01-01T10:00:00.0123456Z", "UTC");
        assert_eq!(fraction.to_string(), "2024-01-01 10:00:00.012345+00:00");
        assert_eq!(utc.strftime("%Y%m%d %H:%M:%S.%f %z").as_deref(), Some("20240101 10:00:00.000000 +0000"));
        assert_eq!(utc.epoch(), 1_704_103_200);
    }

    #[test]
    fn unknown_zone() {
        let error = CreateDate::at(Timestamp::UNIX_EPOCH, Some("Mars/Olympus")).unwrap_err();
        assert_eq!(error.to_string(), "Can't locate timezone: Mars/Olympus");
    }
}
