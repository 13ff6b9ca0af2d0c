"""What only a worker of the queue ``inference`` imports: it loads releases and runs their networks."""
