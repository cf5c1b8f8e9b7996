-- Nobody took one: timers bear being fired by several workers at once, and each message has a lease of its own.
DROP TABLE lease;
