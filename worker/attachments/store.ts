/** The bytes of people's attachments. */
export type AttachmentStore = {
  /** Its first bytes, no more than these; null when it is not there. */
  read(personId: string, id: string, maxBytes: number): Promise<Uint8Array | null>;
  /** One that is not there is deleted already. */
  delete(personId: string, id: string): Promise<void>;
};
