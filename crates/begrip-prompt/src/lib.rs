//! The compact prompt: sections with priorities, a hard token budget, the reply's schema.
