//! Which dead-letter queues are meant: by their own names, or by those of the queues they serve.

use securecart_cloud::DeadLetters;

/// The queues that `names` mean, each once; else what to say of the first name that means none.
pub(super) fn choose(all: &[DeadLetters], names: &[String]) -> Result<Vec<DeadLetters>, String> {
    let mut chosen: Vec<DeadLetters> = Vec::new();
    for name in names {
        let letters = all.iter().find(|letters| is_meant(letters, name));
        let letters = letters.ok_or_else(|| unknown(all, name))?;
        if !chosen.contains(letters) {
            chosen.push(letters.clone());
        }
    }
    Ok(chosen)
}

fn is_meant(letters: &DeadLetters, name: &str) -> bool {
    letters.dead_letter_queue == name || letters.sources.iter().any(|source| source == name)
}

fn unknown(all: &[DeadLetters], name: &str) -> String {
    let sources: Vec<&str> =
        all.iter().flat_map(|letters| &letters.sources).map(String::as_str).collect();
    let own = all.iter().map(|letters| letters.dead_letter_queue.as_str());
    let near = sources
        .iter()
        .copied()
        .chain(own)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= (known.chars().count() / 3).max(1))
        .min();
    let guess = near.map_or_else(String::new, |(_, near)| format!("; did you mean `{near}`?"));
    let known = if sources.is_empty() { "none".to_owned() } else { sources.join(", ") };
    format!(
        "there is no queue `{name}` with a dead-letter queue{guess}\n       queues that have one: \
         {known}"
    )
}
