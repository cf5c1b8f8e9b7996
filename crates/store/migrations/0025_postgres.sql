-- Every search reads the entries that are not merged into the index yet, one by one: half a megabyte of them at most, not four.
ALTER INDEX ticket_terms_terms SET (gin_pending_list_limit = 512);
