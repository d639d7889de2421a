import type { MessageStore, StoredMessage } from "../desk/ports.ts";
import type { Connection } from "./tables.ts";

/** Where cards and alerts of one scope were posted, so that they can be edited after a restart. */
export class StoredMessages implements MessageStore {
  readonly #connection: Connection;
  readonly #prefix: string;

  constructor(connection: Connection, scope: string) {
    this.#connection = connection;
    this.#prefix = scope === "" ? "" : `${scope} `;
  }

  async save(message: StoredMessage): Promise<void> {
    await this.#connection.db
      .insertInto("chat_message")
      .values({
        topic: this.#prefix + message.topic,
        platform: message.platform,
        chat: message.chat,
        message: message.message,
        sent_wall_at: message.sentWallAt,
      })
      .onConflict((conflict) =>
        conflict
          .columns(["topic", "platform", "chat", "message"])
          .doUpdateSet((is) => ({ sent_wall_at: is.ref("excluded.sent_wall_at") })),
      )
      .execute();
  }

  async find(topic: string): Promise<readonly StoredMessage[]> {
    const rows = await this.#connection.db
      .selectFrom("chat_message")
      .selectAll()
      .where("topic", "=", this.#prefix + topic)
      .orderBy("sent_wall_at")
      .orderBy("platform")
      .orderBy("chat")
      .orderBy("message")
      .execute();
    return rows.map((row) => ({
      topic,
      platform: row.platform as StoredMessage["platform"],
      chat: row.chat,
      message: row.message,
      sentWallAt: row.sent_wall_at,
    }));
  }

  async remove(topic: string): Promise<void> {
    await this.#connection.db
      .deleteFrom("chat_message")
      .where("topic", "=", this.#prefix + topic)
      .execute();
  }
}
