create table messages (
    id bigint generated always as identity primary key,
    email text not null references people,
    author text not null,
    body text not null,
    in_reply_to bigint references messages,
    written timestamptz not null default now()
);
create index messages_of on messages (email, id);
