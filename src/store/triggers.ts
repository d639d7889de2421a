import type { Flavour } from "./tables.ts";

/**
 * The statements that make the ledger append-only inside the database itself: no update, no delete, no truncate,
 * and a new entry only behind the head, naming the head's hash. The head itself only ever moves by one.
 */
export function appendOnlyTriggers(flavour: Flavour): readonly string[] {
  return flavour === "sqlite" ? SQLITE : POSTGRES;
}

const SQLITE = [
  `create trigger ledger_no_update before update on ledger
   begin select raise(abort, 'the ledger is append-only'); end`,
  `create trigger ledger_no_delete before delete on ledger
   begin select raise(abort, 'the ledger is append-only'); end`,
  `create trigger ledger_in_order before insert on ledger
   when not exists (select 1 from ledger_head
     where id = 1 and new.sequence = sequence + 1 and new.previous_hash = hash)
   begin select raise(abort, 'a ledger entry must continue the last one'); end`,
  `create trigger ledger_head_no_delete before delete on ledger_head
   begin select raise(abort, 'the ledger is append-only'); end`,
  `create trigger ledger_head_in_order before update on ledger_head
   when not exists (select 1 from ledger
     where new.id = old.id and sequence = old.sequence + 1 and sequence = new.sequence and hash = new.hash)
   begin select raise(abort, 'the ledger is append-only'); end`,
];

const POSTGRES = [
  `create function perpdesk_append_only() returns trigger language plpgsql as $$
   begin raise exception 'the ledger is append-only'; end $$`,
  `create function perpdesk_ledger_in_order() returns trigger language plpgsql as $$
   begin
     if not exists (select 1 from ledger_head
       where id = 1 and new.sequence = sequence + 1 and new.previous_hash = hash) then
       raise exception 'a ledger entry must continue the last one';
     end if;
     return new;
   end $$`,
  `create function perpdesk_ledger_head_in_order() returns trigger language plpgsql as $$
   begin
     if not exists (select 1 from ledger
       where new.id = old.id and sequence = old.sequence + 1 and sequence = new.sequence and hash = new.hash) then
       raise exception 'the ledger is append-only';
     end if;
     return new;
   end $$`,
  `create trigger ledger_no_change before update or delete on ledger
   for each row execute function perpdesk_append_only()`,
  `create trigger ledger_no_truncate before truncate on ledger
   for each statement execute function perpdesk_append_only()`,
  `create trigger ledger_in_order before insert on ledger
   for each row execute function perpdesk_ledger_in_order()`,
  `create trigger ledger_head_no_delete before delete on ledger_head
   for each row execute function perpdesk_append_only()`,
  `create trigger ledger_head_no_truncate before truncate on ledger_head
   for each statement execute function perpdesk_append_only()`,
  `create trigger ledger_head_in_order before update on ledger_head
   for each row execute function perpdesk_ledger_head_in_order()`,
];
