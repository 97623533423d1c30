/**
 * Any number of its own: one at a time makes something from samples. Of two that recompute, the slower would overwrite the newer
 * result with its older view; and while rows move into a segment, nobody may count them.
 */
export const DERIVED_LOCK = 7_233_002
