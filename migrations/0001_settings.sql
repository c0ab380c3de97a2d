CREATE TABLE "settings" (
	"person_id" text PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL
);
