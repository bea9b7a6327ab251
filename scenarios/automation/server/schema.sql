-- Whatever belongs to a tenant names the tenant.
create extension if not exists pgcrypto;

create table if not exists tenants (
    id bigint generated always as identity primary key,
    login text not null unique,
    password_hash text not null,
    gone boolean not null default false,
    created_at timestamptz not null default clock_timestamp()
);
create table if not exists packs (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    ref text not null,
    label text not null default '',
    unique (tenant_id, ref)
);
create table if not exists actions (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    pack_id bigint references packs,
    ref text not null,
    kind text not null,                                 -- shell, workflow, inquiry
    definition jsonb not null,
    unique (tenant_id, ref)
);
create table if not exists triggers (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    ref text not null,
    kind text not null,                                 -- webhook, interval, date, cron
    config jsonb not null,
    key uuid not null default gen_random_uuid(),        -- the address of a webhook
    next_fire_at timestamptz,                           -- of a timer; none when it never fires (again)
    gone boolean not null default false,
    unique (tenant_id, ref)
);
create index if not exists timers on triggers (next_fire_at) where next_fire_at is not null;
create table if not exists rules (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    trigger_id bigint not null references triggers,
    action_id bigint not null references actions,
    ref text not null,
    criteria jsonb not null default '[]',
    parameters jsonb not null default '{}',
    enabled boolean not null default true,
    unique (tenant_id, ref)
);
create table if not exists events (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    trigger_id bigint not null references triggers,
    payload jsonb not null,
    due_at timestamptz,                                 -- when a timer should have fired
    created_at timestamptz not null default clock_timestamp(),
    handled boolean not null default false
);
create index if not exists unhandled on events (id) where not handled;
create table if not exists enforcements (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    rule_id bigint not null references rules,
    event_id bigint not null references events,
    status text not null,                               -- enforced, filtered
    created_at timestamptz not null default clock_timestamp()
);
create table if not exists executions (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    action_id bigint not null references actions,
    enforcement_id bigint references enforcements,
    parent_id bigint references executions,
    step int not null default 0,                        -- which step of its workflow it belongs to,
    item int not null default 0,                        -- and which item of that step
    begun int not null default 0,                       -- of a workflow: how many of its steps have begun
    parameters jsonb not null default '{}',
    timeout double precision,
    status text not null default 'requested',           -- running, waiting, completed, failed, timeout, cancelled
    result jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz
);
create index if not exists requested on executions (id) where status = 'requested';
create index if not exists children on executions (parent_id);
create table if not exists inquiries (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenants,
    execution_id bigint not null references executions,
    prompt text not null,
    choices jsonb not null,
    status text not null default 'pending',             -- answered
    response jsonb
);
create table if not exists datastore (
    tenant_id bigint not null references tenants,
    key text not null,
    value jsonb,
    sealed bytea,                                       -- instead of the value, when it is encrypted
    expires_at timestamptz,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, key)
);
