/** What a task token says. Whether it is true is the Task's to decide. */
export type Pass = { objectId: string; generation: number; secret: string };

/** What the gateway needs to know of a task that it lets in. */
export type TaskScope = {
  personId: string;
  taskId: string;
  generation: number;
  repository: string;
  branch: string;
  baseBranch: string;
  /** Full names of the models that this task may ask for. */
  models: string[];
};
