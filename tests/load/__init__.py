"""The load run: thousands of feeds under hundreds of host names, polled by one real producer process.

    python -m tests.load --help        (or `make load`)

world.py says who publishes what when (pure), server.py serves it and keeps the book, producer.py is the process under
test, scene.py runs them with a real Kafka and kills what is to be killed, book.py compares what was served with what
Kafka holds (pure).
"""
