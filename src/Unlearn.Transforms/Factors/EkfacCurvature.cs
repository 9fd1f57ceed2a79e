using TorchSharp;
using Unlearn.Transforms.PerSample;

namespace Unlearn.Transforms.Factors;

/// <summary>
/// The target's Fisher matrix, layer by layer, in the eigenbasis of its Kronecker factors (EK-FAC: George et al., arXiv 1806.03884).
/// Labels are drawn from the target's own predictions, so that it is the true Fisher matrix, not the empirical one.
/// </summary>
internal sealed class EkfacCurvature : IFactorStatistic
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

    /// <summary>The fitted eigenbasis of a layer; <see langword="null"/> for layers without Kronecker factors: their Fisher matrix is taken as diagonal.</summary>
    public static EigenBasis? Basis(LayerGradient layer, IReadOnlyDictionary<string, torch.Tensor> state) => state.TryGetValue(InputBasis(layer.Name), out var inputs)
        ? new(inputs.to(layer.Device), state[OutputBasis(layer.Name)].to(layer.Device))
        : null;

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        Dictionary<string, torch.Tensor> inputs = [], outputs = [], eigenvalues = [], state = [];
        ForEachLayer(training, layer =>
        {
            if (layer.Covariances() is not { } covariances)
                return;
            Add(inputs, layer.Name, covariances.Inputs);
            Add(outputs, layer.Name, covariances.Outputs);
        });
        foreach (var name in inputs.Keys)
        {
            state[InputBasis(name)] = Eigenvectors(inputs[name]);
            state[OutputBasis(name)] = Eigenvectors(outputs[name]);
        }
        var rows = ForEachLayer(training, layer =>
            Add(eigenvalues, layer.Name, layer.SumOfSquares(Basis(layer, state))));
        foreach (var (name, sum) in eigenvalues)
        {
            var mean = sum / rows;
            var damping = mean.mean() * RelativeDamping + SmallestDamping;
            state[InverseEigenvalues(name)] = (mean + damping).reciprocal().cpu();
        }
        return state;
    }

    private static long ForEachLayer(FactorTraining training, Action<LayerGradient> visit)
    {
        using var generator = new torch.Generator((ulong)training.Seed);
        long rows = 0;
        foreach (var batch in training.Batches)
        {
            batch.DemandSamplers(nameof(HardnessFactors.SelfInfluence));
            using var noGrad = torch.no_grad();
            var drawn = torch.multinomial(batch.LogProbabilities.exp().cpu(), 1, generator: generator).squeeze(1).to(batch.Labels.device);
            foreach (var gradient in batch.Pass.ParameterGradients(batch.LogitGradients(drawn)))
                visit(gradient);
            rows += batch.Count;
        }
        return rows;
    }

    private static torch.Tensor Eigenvectors(torch.Tensor covariance) =>
        torch.linalg.eigh(covariance.to(torch.ScalarType.Float64).cpu()).Item2.to(torch.ScalarType.Float32);

    private static void Add(Dictionary<string, torch.Tensor> sums, string name, torch.Tensor summand)
    {
        if (sums.TryGetValue(name, out var sum))
            sum.add_(summand);
        else
            sums[name] = summand.DetachFromDisposeScope();
    }
}
