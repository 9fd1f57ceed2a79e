using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample;
using Unlearn.Transforms.Torch.PerSample.Curvature;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Factors.Influence;

/// <summary>The target's Fisher matrix as <see cref="EkfacFit"/> learns it, damped and inverted.</summary>
internal sealed class EkfacCurvature : ICheckedStatistic
{
    /// <summary>λ, relative to the mean eigenvalue of a layer.</summary>
    public const double RelativeDamping = 0.1;

    // Keeps a layer without any curvature (dead inputs, a fully saturated target) finite.
    private const double SmallestDamping = 1e-12;

    private EkfacCurvature() { }

    public static EkfacCurvature Instance { get; } = new();

    public string Name => "Ekfac";

    /// <summary>Entry that holds Q_a, in × in.</summary>
    public static string InputBasis(string layer) => layer + "/input-basis";

    /// <summary>Entry that holds Q_g, out × out.</summary>
    public static string OutputBasis(string layer) => layer + "/output-basis";

    /// <summary>Entry that holds 1 / (Λ + λ), groups × out × in; for layers without Kronecker factors, one for each parameter.</summary>
    public static string InverseEigenvalues(string layer) => layer + "/inverse-eigenvalues";

    /// <summary>
    /// The fitted eigenbasis of a layer; <see langword="null"/> for layers without Kronecker factors: their Fisher matrix is taken as diagonal.
    /// </summary>
    public static EigenBasis? Basis(LayerGradient layer, IReadOnlyDictionary<string, torch.Tensor> state) =>
        state.TryGetValue(InputBasis(layer.Name), out var inputs)
            ? new(inputs.to(layer.Device), state[OutputBasis(layer.Name)].to(layer.Device))
            : null;

    public void Check(SavedState state, FactorBatch probe)
    {
        foreach (var layer in probe.LossGradients)
        {
            EigenBasis? basis = null;
            if (layer.CreateCovariances() is { } covariances)
                basis = new(state.Numbers(InputBasis(layer.Name), covariances.Inputs.shape).to(layer.Device),
                    state.Numbers(OutputBasis(layer.Name), covariances.Outputs.shape).to(layer.Device));
            var name = InverseEigenvalues(layer.Name);
            state.Require(state.Numbers(name, layer.SumOfSquares(basis).shape).Ge(0).all().item<bool>(), name, "is negative");
        }
    }

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        Dictionary<string, torch.Tensor> state = [];
        foreach (var (name, layer) in EkfacFit.Run(ForEachPass, training.Seed))
        {
            var damping = layer.Eigenvalues.mean().Mul(RelativeDamping).Add(SmallestDamping);
            state[InverseEigenvalues(name)] = layer.Eigenvalues.Add(damping).reciprocal().cpu();
            if (layer.Basis is { } basis)
                (state[InputBasis(name)], state[OutputBasis(name)]) = (basis.Inputs.cpu(), basis.Outputs.cpu());
        }
        return state;

        void ForEachPass(Action<PerSamplePass> visit)
        {
            foreach (var batch in training.Batches)
            {
                batch.DemandSamplers(nameof(HardnessFactors.SelfInfluence));
                using var noGrad = torch.no_grad();
                visit(batch.Pass);
            }
        }
    }
}
