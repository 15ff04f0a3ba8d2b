//! Linear algebra on dense real matrices. It is a crate of its own because the generic code behind it
//! takes longer to compile than all that uses it.

use faer::prelude::Solve;
use faer::{Mat, Side};
use ndarray::{Array1, Array2};

fn matrix(values: &Array2<f64>) -> Mat<f64> {
    Mat::from_fn(values.nrows(), values.ncols(), |i, j| values[[i, j]])
}

fn column(values: &Array1<f64>) -> Mat<f64> {
    Mat::from_fn(values.len(), 1, |i, _| values[i])
}

fn vector(column: Mat<f64>) -> Array1<f64> {
    Array1::from_shape_fn(column.nrows(), |i| column[(i, 0)])
}

/// Eigenvalues of a symmetric matrix, rising; its lower triangle is read.
///
/// # Panics
/// If an entry is not finite.
pub fn symmetric_eigenvalues(values: &Array2<f64>) -> Vec<f64> {
    let eigenvalues = matrix(values).self_adjoint_eigenvalues(Side::Lower);
    eigenvalues.expect("a finite symmetric matrix has eigenvalues")
}

/// Largest modulus of an eigenvalue; 0 of an empty matrix.
///
/// # Panics
/// If an entry is not finite.
pub fn spectral_radius(values: &Array2<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let eigenvalues = matrix(values).eigenvalues();
    let eigenvalues = eigenvalues.expect("a finite matrix has eigenvalues");
    eigenvalues.iter().fold(0.0, |m, z| m.max(z.re.hypot(z.im)))
}

/// x of A x = b by factorisation; not finite, or wrong, where A is singular.
pub fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Array1<f64> {
    vector(matrix(a).partial_piv_lu().solve(column(b)))
}

/// The shortest x with the smallest |A x − b|, singular values below `cutoff` times the largest counting
/// as zero.
///
/// # Panics
/// If an entry is not finite.
pub fn least_squares(a: &Array2<f64>, b: &Array1<f64>, cutoff: f64) -> Array1<f64> {
    let svd = matrix(a).svd();
    let svd = svd.expect("a finite matrix has singular values");
    let values = svd.S().column_vector();
    let largest = values.iter().fold(0.0f64, |m, s| m.max(*s));
    let projected = svd.U().transpose() * column(b);
    let scaled = Mat::from_fn(values.nrows(), 1, |i, _| match svd.S()[i] {
        s if s > largest * cutoff => projected[(i, 0)] / s,
        _ => 0.0,
    });
    vector(svd.V() * scaled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn eigenvalues_of_a_reflection_and_a_rotation() {
        let reflection = array![[0.0, 2.0], [2.0, 0.0]];
        let values = symmetric_eigenvalues(&reflection);
        assert!((values[0] + 2.0).abs() < 1e-12 && (values[1] - 2.0).abs() < 1e-12);
        let rotation = array![[0.0, -3.0], [3.0, 0.0]];
        assert!((spectral_radius(&rotation) - 3.0).abs() < 1e-12);
        assert_eq!(spectral_radius(&Array2::zeros((0, 0))), 0.0);
    }

    #[test]
    fn a_singular_matrix_has_a_shortest_solution() {
        let a = array![[1.0, 1.0], [1.0, 1.0]];
        let x = least_squares(&a, &array![2.0, 2.0], 1e-8);
        assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 1.0).abs() < 1e-12);
        let x = solve(&array![[2.0, 0.0], [1.0, 1.0]], &array![4.0, 3.0]);
        assert!((x[0] - 2.0).abs() < 1e-12 && (x[1] - 1.0).abs() < 1e-12);
    }
}
