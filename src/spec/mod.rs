//! YAML text to specs: what the files say, without meaning.
