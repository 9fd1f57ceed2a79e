using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// The gradients g_n of one layer's parameters, row by row, in a form that is far smaller than rows × parameters.
/// The parameters of a layer are one vector: its weight, then its bias, each flattened.
/// </summary>
/// <param name="name">Name of the layer.</param>
internal abstract class LayerGradient(string name)
{
    /// <summary>Name of the layer.</summary>
    public string Name => name;

    /// <summary>Where the gradients lie.</summary>
    public abstract torch.Device Device { get; }

    /// <summary>‖g_n‖² of each row.</summary>
    public abstract torch.Tensor SquaredNorms();

    /// <summary>g_n written out: rows × parameters. Only for layers and batches where that is affordable.</summary>
    public abstract torch.Tensor Flatten();

    /// <summary>Σ_n g_n: one value per parameter.</summary>
    public virtual torch.Tensor Sum() => Flatten().sum(dim: 0);

    /// <summary>g_n · d of each row.</summary>
    /// <param name="direction">d: one value per parameter, as <see cref="Sum"/> gives.</param>
    public virtual torch.Tensor Dot(torch.Tensor direction) => Flatten().matmul(direction);

    /// <summary>
    /// Zeros to sum the layer's Kronecker factors in. <see langword="null"/> for layers without Kronecker factors (normalization, embeddings): they keep
    /// their natural basis.
    /// </summary>
    public virtual KroneckerFactors? CreateCovariances() => null;

    /// <summary>Adds this batch's Kronecker factors.</summary>
    /// <param name="sums">What <see cref="CreateCovariances"/> gave.</param>
    public virtual void AddCovariances(KroneckerFactors sums) { }

    /// <summary>Σ_n (g'_n)², the sum over the rows of the squared coordinates.</summary>
    /// <param name="basis">Basis of the coordinates, for layers that have Kronecker factors; <see langword="null"/> for the natural one.</param>
    /// <returns>groups × out × in with a basis, as many values as there are parameters without.</returns>
    public virtual torch.Tensor SumOfSquares(EigenBasis? basis) => Flatten().Square().sum(dim: 0);

    /// <summary>Σ_n g_n², element by element: one value per parameter.</summary>
    public virtual torch.Tensor SquaredSum() => SumOfSquares(null).flatten();

    /// <summary>Σ_i w_i (g'_n)²_i of each row.</summary>
    /// <param name="weights">w, in the shape that <see cref="SumOfSquares"/> has.</param>
    /// <param name="basis">Basis of the coordinates, as in <see cref="SumOfSquares"/>.</param>
    public virtual torch.Tensor WeightedSquaredNorms(torch.Tensor weights, EigenBasis? basis) => Flatten().Square().matmul(weights);
}
