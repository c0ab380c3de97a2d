CREATE EXTENSION IF NOT EXISTS btree_gin;--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE TABLE "task_states" (
	"task_id" text NOT NULL,
	"person_id" text NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "task_states_person_id_task_id_pk" PRIMARY KEY("person_id","task_id")
);
--> statement-breakpoint
CREATE TABLE "thread_tasks" (
	"id" text NOT NULL,
	"person_id" text NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "thread_tasks_person_id_id_pk" PRIMARY KEY("person_id","id")
);
--> statement-breakpoint
CREATE TABLE "threads" (
	"person_id" text PRIMARY KEY NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"revision" bigint NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
DROP INDEX "messages_by_words";--> statement-breakpoint
ALTER TABLE "task_events" DROP CONSTRAINT "task_events_task_id_number_pk";--> statement-breakpoint
ALTER TABLE "inbox_items" DROP CONSTRAINT "inbox_items_pkey";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_pkey";--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_pkey";--> statement-breakpoint
ALTER TABLE "usage" DROP CONSTRAINT "usage_pkey";--> statement-breakpoint
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_person_id_id_pk" PRIMARY KEY("person_id","id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_person_id_id_pk" PRIMARY KEY("person_id","id");--> statement-breakpoint
ALTER TABLE "task_events" ADD CONSTRAINT "task_events_person_id_task_id_number_pk" PRIMARY KEY("person_id","task_id","number");--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_person_id_id_pk" PRIMARY KEY("person_id","id");--> statement-breakpoint
ALTER TABLE "usage" ADD CONSTRAINT "usage_person_id_id_pk" PRIMARY KEY("person_id","id");--> statement-breakpoint
ALTER TABLE "inbox_items" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "words" "tsvector" GENERATED ALWAYS AS (to_tsvector('simple', left("text", 100000))) STORED;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "folded" text GENERATED ALWAYS AS (lower(left("text", 100000))) STORED;--> statement-breakpoint
ALTER TABLE "settings" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "task_events" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "task_events" ADD COLUMN "words" "tsvector" GENERATED ALWAYS AS (to_tsvector('simple', left(coalesce((body #>> '{body,text}') || ' ', '') || coalesce((body #>> '{body,tool}') || ' ', '') || coalesce((body #>> '{body,title}') || ' ', '') || coalesce((body #>> '{body,output}') || ' ', '') || coalesce((body #>> '{body,note}') || ' ', ''), 100000))) STORED;--> statement-breakpoint
ALTER TABLE "task_events" ADD COLUMN "folded" text GENERATED ALWAYS AS (lower(left(coalesce((body #>> '{body,text}') || ' ', '') || coalesce((body #>> '{body,tool}') || ' ', '') || coalesce((body #>> '{body,title}') || ' ', '') || coalesce((body #>> '{body,output}') || ' ', '') || coalesce((body #>> '{body,note}') || ' ', ''), 100000))) STORED;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "words" "tsvector" GENERATED ALWAYS AS (to_tsvector('simple', left(title || chr(10) || coalesce(body ->> 'prompt', '') || chr(10) || repository || ' ' || branch, 100000))) STORED;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "folded" text GENERATED ALWAYS AS (lower(left(title || chr(10) || coalesce(body ->> 'prompt', '') || chr(10) || repository || ' ' || branch, 100000))) STORED;--> statement-breakpoint
ALTER TABLE "usage" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_by_parts" ON "messages" USING gin ("person_id","folded" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "task_events_by_person" ON "task_events" USING btree ("person_id","at");--> statement-breakpoint
CREATE INDEX "task_events_by_words" ON "task_events" USING gin ("person_id","words");--> statement-breakpoint
CREATE INDEX "task_events_by_parts" ON "task_events" USING gin ("person_id","folded" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "tasks_by_words" ON "tasks" USING gin ("person_id","words");--> statement-breakpoint
CREATE INDEX "tasks_by_parts" ON "tasks" USING gin ("person_id","folded" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "messages_by_words" ON "messages" USING gin ("person_id","words");