/**
 * By which of the exchange's own ids an order is named that somebody placed without a client id: reports name it by that.
 * Undefined: it has a client id.
 */
export const nameless = (clientId: string, venueOrderId: string | undefined): string | undefined =>
  clientId === venueOrderId ? venueOrderId : undefined;
