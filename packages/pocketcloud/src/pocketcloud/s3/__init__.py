"""S3's notifications about objects."""
