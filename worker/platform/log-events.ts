/** One kind of line in the log: which of its fields may stand beside `level`, `event` and `error`, and what it means. */
type LogEventKind = { fields: readonly string[]; says: string };

/**
 * Every event that the Worker logs. An event is `<who>.<what happened>`; docs/operations.md has the
 * same list with what to do. A field is an id, a number or a short text of Mainloop's own; `why` and
 * `error` are without secrets (`redactor.ts`).
 */
export const LOG_EVENTS = {
  'alarm.failed': {
    fields: ['failures', 'pauseMs'],
    says: 'An object’s alarm failed; it is tried again after a pause.',
  },
  'attachment.cut': {
    fields: ['attachmentId', 'error'],
    says: 'An upload of a person broke off; the page sends it again.',
  },
  'app.error': { fields: ['path'], says: 'A request ended in an error that nobody expected.' },
  'dispatch.dead': {
    fields: ['taskId', 'attempt'],
    says: 'A task’s dispatch died in the queue; the task goes on by its own clock.',
  },
  'dispatch.failed': {
    fields: ['taskId'],
    says: 'A task’s Workflow could not be created; the queue tries again.',
  },
  'dispatch.malformed': {
    fields: ['messageId'],
    says: 'A message in the queue is none of Mainloop’s.',
  },
  'fanOut.task_not_reached': {
    fields: ['task', 'error'],
    says: 'A webhook did not reach a task; its own timers look.',
  },
  'frame.value_too_large': {
    fields: ['bytes'],
    says: 'Something is too large for a page’s socket and was cut.',
  },
  'gateway.egress': {
    fields: ['taskId', 'generation', 'host', 'method', 'status', 'bytes'],
    says: 'A sandbox reached a host that its repository’s policy allows.',
  },
  'gateway.egress_refused': {
    fields: ['taskId', 'generation', 'host', 'method'],
    says: 'A sandbox asked for a host that its repository’s policy does not allow.',
  },
  'gateway.egress_unreachable': {
    fields: ['taskId', 'generation', 'host', 'method', 'error'],
    says: 'A host that a sandbox may reach did not answer.',
  },
  'gateway.git_refused': {
    fields: ['taskId', 'generation', 'repository', 'why'],
    says: 'A sandbox asked git for what it may not.',
  },
  'gateway.git_unreachable': { fields: ['taskId'], says: 'The git host did not answer a sandbox.' },
  'gateway.model_refused': {
    fields: ['taskId', 'path', 'why', 'model'],
    says: 'A sandbox asked the model for what it may not.',
  },
  'gateway.model_too_large': {
    fields: ['taskId'],
    says: 'A sandbox’s request to the model is too large.',
  },
  'gateway.model_trimmed': {
    fields: ['taskId', 'left'],
    says: 'What a sandbox may not ask of the model was taken out.',
  },
  'gateway.model_unreachable': { fields: ['taskId'], says: 'The model did not answer a sandbox.' },
  'gateway.name_not_looked_up': {
    fields: ['hostname'],
    says: 'It could not be told where a host’s name leads; it counts as inside, and is refused.',
  },
  'github.list_cut': {
    fields: ['route', 'where', 'entries'],
    says: 'A list at the git host is longer than is read.',
  },
  'health.alert': {
    fields: ['about', 'text'],
    says: 'Something has failed for a while: the inbox says so.',
  },
  'health.not_looked': {
    fields: [],
    says: 'It could not be looked at how everything is; it is tried again.',
  },
  'health.mended': { fields: ['about'], says: 'What an alert told of works again.' },
  'history.not_searched': {
    fields: ['error'],
    says: 'Postgres did not answer a search; the conversation itself was searched.',
  },
  'history.postponed': {
    fields: ['why', 'pending', 'pauseMs'],
    says: 'Postgres does not take rows; they wait.',
  },
  'history.row_refused': {
    fields: ['revision'],
    says: 'Postgres refused a row, which is set aside.',
  },
  'import.task_not_made': {
    fields: ['taskId', 'error'],
    says: 'A task could not be made from an import; it is tried again.',
  },
  'mirrors.malformed': {
    fields: ['setting'],
    says: '`EGRESS_MIRRORS` or `PUSH_MIRRORS` cannot be read; no mirror is used.',
  },
  'push.not_sent': {
    fields: [],
    says: 'What was to be sent to devices could not be; it is tried again.',
  },
  'push.refused': {
    fields: ['deviceId', 'why'],
    says: 'A push service does not take what is sent to a device; the settings show it.',
  },
  'sandbox.ended': {
    fields: ['taskId', 'generation', 'running'],
    says: 'A container that no task wants was ended.',
  },
  'sandbox.may_end': {
    fields: ['error'],
    says: 'A container could not be told to outlive its object’s sleep: it may be ended early, and is replaced then.',
  },
  'sandbox.exited': {
    fields: ['taskId', 'generation', 'why'],
    says: 'A container’s runner ended.',
  },
  'sandbox.not_stopped': {
    fields: ['taskId', 'generation'],
    says: 'A container could not be ended; it is tried again.',
  },
  'sandbox.owner_away': {
    fields: ['taskId', 'generation', 'error'],
    says: 'A container’s task did not answer.',
  },
  'storage.migration_failed': {
    fields: ['number', 'name'],
    says: 'An object’s storage could not be brought up to date: it stays closed, and tries again.',
  },
  'storage.not_set_aside': {
    fields: ['table'],
    says: 'A row that cannot be read could not be named either.',
  },
  'storage.set_aside': {
    fields: ['table', 'key', 'why'],
    says: 'A row that cannot be read, or not be kept whole, was set aside.',
  },
  'task.egress_not_decided': {
    fields: ['taskId', 'generation', 'error'],
    says: 'A task could not decide what its sandbox may reach; the sandbox is told to ask again.',
  },
  'task.day_not_asked': {
    fields: ['taskId', 'error'],
    says: 'The money of the day could not be asked for a call to the model; the worker asks again.',
  },
  'task.effect_ended': {
    fields: ['taskId', 'effect', 'tries', 'text'],
    says: 'What was to be done outside was given up.',
  },
  'task.effect_failed': {
    fields: ['taskId', 'key'],
    says: 'A try to do something outside failed; it is tried again.',
  },
  'task.effect_not_settled': {
    fields: ['taskId', 'key'],
    says: 'What was done outside could not be written down; it is found again.',
  },
  'task.host_not_read': {
    fields: ['taskId', 'of', 'why'],
    says: 'The git host could not be read; it is tried again.',
  },
  'task.model_call_lost': {
    fields: ['taskId', 'call', 'cost'],
    says: 'Nothing was heard of a call to the model any more; what is known of it was charged.',
  },
  'task.no_room': {
    fields: ['taskId', 'generation', 'why'],
    says: 'No sandbox is free; the task waits.',
  },
  'task.not_opened': { fields: ['objectId'], says: 'A task’s object did not open.' },
  'task.progress_not_told': {
    fields: ['taskId', 'error'],
    says: 'The conversation did not hear what a task does; the next word says the same.',
  },
  'task.report_dropped': {
    fields: ['taskId', 'number'],
    says: 'The conversation did not take a report; it asks by itself.',
  },
  'task.report_failed': {
    fields: ['tries'],
    says: 'The conversation did not take a report; it is told again.',
  },
  'task.sandbox_gone': {
    fields: ['taskId', 'generation'],
    says: 'A task’s sandbox is gone; another one goes on.',
  },
  'task.sandbox_not_seen': {
    fields: ['taskId', 'generation', 'error'],
    says: 'It could not be asked whether a sandbox lives.',
  },
  'task.sandbox_not_started': { fields: ['taskId'], says: 'A sandbox could not be started.' },
  'task.settings_not_read': {
    fields: ['error'],
    says: 'A task could not ask what its sandbox may reach; it takes what it knew.',
  },
  'task.setup_given': {
    fields: ['taskId', 'generation', 'for', 'names'],
    says: 'A sandbox was given the values of its set-up.',
  },
  'task.state_not_kept': {
    fields: ['taskId'],
    says: 'A task could not be copied to Postgres; it goes on.',
  },
  'task.status': {
    fields: ['taskId', 'status', 'generation', 'attempt'],
    says: 'A task has another status.',
  },
  'task.step_failed': { fields: ['taskId'], says: 'A step of a task failed; it is tried again.' },
  'task.unreadable': { fields: ['taskId', 'why'], says: 'A task cannot be read.' },
  'task.wake_failed': {
    fields: ['taskId', 'error'],
    says: 'A task’s Workflow could not be woken; its alarm goes on.',
  },
  'thread.answering_failed': { fields: [], says: 'Replies stopped; the alarm looks after them.' },
  'thread.attachment_not_deleted': {
    fields: ['attachmentId'],
    says: 'A file that nothing refers to could not be deleted; it is tried again.',
  },
  'thread.disagreed': {
    fields: ['taskId', 'repairs'],
    says: 'A conversation and a task said different things; that was mended.',
  },
  'thread.item_lost': {
    fields: ['taskId', 'kind'],
    says: 'The inbox lacked what a task waits for; it is shown again.',
  },
  'thread.items_left': {
    fields: ['taskId', 'items'],
    says: 'The inbox had what no task waits for; it folded away.',
  },
  'thread.not_opened': { fields: ['objectId'], says: 'A conversation’s object did not open.' },
  'thread.repositories_not_read': {
    fields: ['failure'],
    says: 'The git host did not list repositories; the older list stays.',
  },
  'thread.summarised': {
    fields: ['upTo', 'messages'],
    says: 'The older part of the conversation was summarised.',
  },
  'thread.summary_failed': { fields: ['error'], says: 'It could not be summarised; later again.' },
  'thread.task_not_asked': {
    fields: ['taskId', 'error'],
    says: 'A task did not say how it stands; it is asked again.',
  },
  'thread.task_not_created': {
    fields: ['taskId', 'tries', 'error'],
    says: 'A task’s object did not take it; it is tried again.',
  },
  'thread.task_not_reached': {
    fields: ['taskId', 'commandId'],
    says: 'What was asked of a task did not reach it; the person is told.',
  },
  'thread.task_not_told': {
    fields: ['taskId', 'error'],
    says: 'A task was not told of its slot; it is told again.',
  },
  'thread.task_was_lost': {
    fields: ['taskId', 'is', 'text'],
    says: 'A task had lost everything; it was rebuilt where Postgres has it.',
  },
  'thread.tool_failed': {
    fields: ['tool', 'toolUseId'],
    says: 'A tool of the conversation failed; the model is told.',
  },
  'thread.tool_refused': {
    fields: ['replyId', 'tool'],
    says: 'The model called a tool that it may not call then.',
  },
  'thread.turn_failed': { fields: ['replyId'], says: 'A reply failed; the person is told.' },
  'thread.turn_not_ended': { fields: ['replyId'], says: 'A reply’s end could not be stored.' },
  'webhook.not_signed': {
    fields: ['delivery'],
    says: 'A webhook’s signature is missing or wrong; it had no effect.',
  },
} as const satisfies Record<string, LogEventKind>;

export type LogEvent = keyof typeof LOG_EVENTS;
export type LogField<Event extends LogEvent> = (typeof LOG_EVENTS)[Event]['fields'][number];
