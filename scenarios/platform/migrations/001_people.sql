create table people (
    email text primary key,
    name text not null,
    password_hash text not null
);
