//! What grading costs: one answer to an exercise with five namespaces, on one core.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use vethlab::classroom::grade::grade_one;
use vethlab_engine::limits;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::classroom;

fn grading(criterion: &mut Criterion) {
    let assignment = classroom::assignment("row").expect("tests/packs/classroom");
    let answers = classroom::class(&assignment, 64).expect("answers");
    let mut group = criterion.benchmark_group("grading, five namespaces");
    group.throughput(Throughput::Elements(answers.len() as u64));
    group.bench_function("64 answers", |bencher| {
        bencher.iter(|| {
            for answer in &answers {
                black_box(grade_one(&assignment, answer, StackChoice::Sim, limits::ANSWER));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, grading);
criterion_main!(benches);
