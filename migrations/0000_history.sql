CREATE TABLE "inbox_items" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"task_id" text NOT NULL,
	"kind" text NOT NULL,
	"open" boolean NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"seq" bigint NOT NULL,
	"author" text NOT NULL,
	"text" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task_events" (
	"task_id" text NOT NULL,
	"number" integer NOT NULL,
	"person_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "task_events_task_id_number_pk" PRIMARY KEY("task_id","number")
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"title" text NOT NULL,
	"repository" text NOT NULL,
	"branch" text NOT NULL,
	"model" text NOT NULL,
	"status" text NOT NULL,
	"pull_request_url" text,
	"cost" double precision NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "usage" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"task_id" text,
	"model" text NOT NULL,
	"day" text NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cache_read_tokens" bigint NOT NULL,
	"cache_write_tokens" bigint NOT NULL,
	"cost" double precision NOT NULL
);
--> statement-breakpoint
CREATE INDEX "inbox_items_by_person" ON "inbox_items" USING btree ("person_id","at");--> statement-breakpoint
CREATE INDEX "messages_by_person" ON "messages" USING btree ("person_id","seq");--> statement-breakpoint
CREATE INDEX "messages_by_words" ON "messages" USING gin (to_tsvector('simple', left("text", 100000)));--> statement-breakpoint
CREATE INDEX "tasks_by_person" ON "tasks" USING btree ("person_id","created_at");--> statement-breakpoint
CREATE INDEX "usage_by_day" ON "usage" USING btree ("person_id","day");