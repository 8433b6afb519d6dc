package embedded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const pingSQL = `select 1`

func ping(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, connection(socket, "postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, pingSQL)
	return err
}

const databaseExistsSQL = `select exists (select from pg_database where datname = $1)`

func createDatabase(ctx context.Context, socket, name string) error {
	conn, err := pgx.Connect(ctx, connection(socket, "postgres"))
	if err != nil {
		return fmt.Errorf("reach the PostgreSQL server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, databaseExistsSQL, name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == pgerrcode.DuplicateDatabase {
		return nil
	}
	return err
}
