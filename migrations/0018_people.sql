-- breaking: no
-- First passwords that are good once, PINs for quick unlock, sessions that are locked.

-- While it is set the password was made by an administrator: it opens nothing but the change of it, and only until then.
alter table account add column password_once_until timestamptz;
-- argon2id, PHC string format; unlocks a session that is open already, never opens one.
alter table account add column pin_hash text;

alter table session add column locked_at timestamptz;
create trigger session_lock_tells after update of locked_at on session for each statement execute function tell_people_change();
