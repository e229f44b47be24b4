//! The tables, step by step. The files are part of the binary.

use sqlx::{
    SqlStr,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
};

use crate::{Error, Kind};

const FILES: [(&str, &str); 3] = [
    ("0001_products", include_str!("../migrations/0001_products.sql")),
    ("0002_orders", include_str!("../migrations/0002_orders.sql")),
    ("0003_payments", include_str!("../migrations/0003_payments.sql")),
];

/// Applies what `connection`'s database does not have yet. A migration that fails is named.
pub(crate) async fn run(connection: &mut impl Migrate, server: &str) -> Result<(), Error> {
    let migrations = (1..).zip(FILES).map(|(version, (name, sql))| {
        let sql = SqlStr::from_static(sql);
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run_direct(None, connection, false).await.map_err(|error| {
        if let Some(Kind::Disk(why)) = refusal(&error) {
            return Error::new(Kind::Disk(why), format!("migrations on {server}"));
        }
        let context = match &error {
            MigrateError::ExecuteMigration(_, version)
            | MigrateError::VersionMismatch(version)
            | MigrateError::Dirty(version) => {
                format!("migration {} on {server}", name(*version))
            }
            _ => format!("migrations on {server}"),
        };
        Error::new(Kind::Migration(text(error)), context)
    })
}

fn name(version: i64) -> &'static str {
    let place = usize::try_from(version).unwrap_or(0).wrapping_sub(1);
    FILES.get(place).map_or("unknown", |(name, _)| name)
}

/// What the database said, where it was the database.
fn refusal(error: &MigrateError) -> Option<Kind> {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Some(Error::sqlx("", error).kind)
        }
        _ => None,
    }
}

/// sqlx's text says twice what ran; the server's own word is enough.
fn text(error: MigrateError) -> String {
    match error {
        MigrateError::ExecuteMigration(sqlx::Error::Database(refused), _) => {
            refused.message().to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_part_of_the_binary() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let listed: Vec<String> = FILES.iter().map(|(name, _)| format!("{name}.sql")).collect();
        assert_eq!(files, listed);
    }
}
