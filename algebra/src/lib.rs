//! Linear algebra on dense real matrices. It is a crate of its own because the generic code behind it
//! takes long to compile and changes least.

use nalgebra::{DMatrix, DVector, SVD};
use ndarray::{Array1, Array2};

fn matrix(values: &Array2<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(values.nrows(), values.ncols(), |i, j| values[[i, j]])
}

fn column(values: &Array1<f64>) -> DVector<f64> {
    DVector::from_iterator(values.len(), values.iter().copied())
}

fn vector(column: &DVector<f64>) -> Array1<f64> {
    column.iter().copied().collect()
}

/// Eigenvalues of a symmetric matrix, rising; its lower triangle is read.
pub fn symmetric_eigenvalues(values: &Array2<f64>) -> Vec<f64> {
    let mut found: Vec<f64> = matrix(values)
        .symmetric_eigenvalues()
        .iter()
        .copied()
        .collect();
    found.sort_by(f64::total_cmp);
    found
}

/// Largest modulus of an eigenvalue; 0 of an empty matrix.
///
/// Gelfand's formula, ‖A^m‖^(1/m) at m = 2^46, by squaring: of nalgebra's eigenvalues of matrices that are not symmetric
/// some do not converge, those of a zero matrix for one.
pub fn spectral_radius(values: &Array2<f64>) -> f64 {
    const SQUARINGS: i32 = 46;
    let mut power = values.clone();
    // Logarithm of what was divided out of the power, for one factor A.
    let mut radius = 0.0;
    for squarings in 0..=SQUARINGS {
        let norm = power.iter().fold(0.0, |sum, x| sum + x * x).sqrt();
        if norm == 0.0 {
            return 0.0;
        }
        radius += norm.ln() / 2f64.powi(squarings);
        power /= norm;
        power = power.dot(&power);
    }
    radius.exp()
}

/// x of A x = b by factorisation; `None` if A is singular. Not precise where it nearly is.
pub fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Option<Array1<f64>> {
    matrix(a).lu().solve(&column(b)).map(|x| vector(&x))
}

/// The shortest x with the smallest |A x − b|, singular values below `cutoff` times the largest counting
/// as zero.
pub fn least_squares(a: &Array2<f64>, b: &Array1<f64>, cutoff: f64) -> Array1<f64> {
    let svd = SVD::new(matrix(a), true, true);
    let largest = svd.singular_values.max();
    let x = svd.solve(&column(b), largest * cutoff);
    vector(&x.expect("both sides of the decomposition were asked for"))
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
        for size in [0, 3] {
            assert_eq!(spectral_radius(&Array2::zeros((size, size))), 0.0);
        }
    }

    /// All eigenvalues of a cycle lie on the circle of its weight; a chain without a way back has none but 0.
    #[test]
    fn the_spectral_radius_of_a_cycle_is_its_weight() {
        for size in [3, 4, 17] {
            let next = |i: usize, j: usize| if (i + 1) % size == j { 0.5 } else { 0.0 };
            let mut cycle = Array2::from_shape_fn((size, size), |(i, j)| next(i, j));
            assert!((spectral_radius(&cycle) - 0.5).abs() < 1e-12);
            cycle[[size - 1, 0]] = 0.0;
            assert_eq!(spectral_radius(&cycle), 0.0);
        }
    }

    #[test]
    fn a_singular_matrix_has_a_shortest_solution() {
        let a = array![[1.0, 1.0], [1.0, 1.0]];
        let x = least_squares(&a, &array![2.0, 2.0], 1e-8);
        assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 1.0).abs() < 1e-12);
        let x = solve(&array![[2.0, 0.0], [1.0, 1.0]], &array![4.0, 3.0]).unwrap();
        assert!((x[0] - 2.0).abs() < 1e-12 && (x[1] - 1.0).abs() < 1e-12);
    }
}
