/** The version of this half of Jupyter Kit; the server tells that of the other. A test compares it with that of the Python package. */
export const VERSION = '0.1.0';
