using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using static TorchSharp.torch.nn;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>A batch of rows under the model that is being changed. Its tensors belong to the dispose scope of the step.</summary>
internal sealed class RowBatch
{
    // exp gives 0, and 0 times a finite number is 0.
    private const float Masked = -1e30f;

    private readonly int[] _positions;

    public RowBatch(TorchTarget model, TrainingRows rows, int[] positions, bool keepsStatistics)
    {
        _positions = positions;
        var at = torch.tensor(Array.ConvertAll(positions, position => (long)position));
        Features = rows.SelectFeatures(at).to(model.Device);
        Labels = rows.Labels.index_select(0, at).to(model.Device);
        Logits = keepsStatistics ? FrozenStatistics.Forward(model, Features) : model.Forward(Features);
        LogProbabilities = functional.log_softmax(Logits, 1);
    }

    public torch.Tensor Features { get; }

    public torch.Tensor Labels { get; }

    /// <summary>Logits of the model, rows × classes, with a gradient graph.</summary>
    public torch.Tensor Logits { get; }

    /// <summary>log p under the model, rows × classes, with a gradient graph.</summary>
    public torch.Tensor LogProbabilities { get; }

    /// <summary>Mean −log p_y, in nats.</summary>
    public torch.Tensor CrossEntropy() => functional.nll_loss(LogProbabilities, Labels);

    /// <summary>Mean −log p_k, in nats, with other classes than the rows' own.</summary>
    /// <param name="classOf">Class k of the row at a position.</param>
    public torch.Tensor CrossEntropy(Func<int, long> classOf) =>
        functional.nll_loss(LogProbabilities, torch.tensor(Array.ConvertAll(_positions, position => classOf(position))).to(Labels.device));

    /// <summary>
    /// Mean Kullback-Leibler divergence T²·Σ_k q_k (log q_k − log p_k) of the model's p from a teacher's q, in nats, with p and q = softmax(logits /
    /// T).
    /// </summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="temperature">T.</param>
    public torch.Tensor DivergenceFrom(TorchTarget teacher, double temperature = 1)
    {
        torch.Tensor logTeacher;
        using (torch.no_grad())
            logTeacher = functional.log_softmax(teacher.Forward(Features).Div(temperature), 1);
        return DivergenceFrom(logTeacher, temperature == 1 ? LogProbabilities : functional.log_softmax(Logits.Div(temperature), 1))
            .Mul(temperature * temperature);
    }

    /// <summary>
    /// Mean Kullback-Leibler divergence of the model's p from a teacher's q that never gives a row's own class: softmax of the teacher's other
    /// logits.
    /// </summary>
    public torch.Tensor DivergenceFromOthers(TorchTarget teacher)
    {
        var own = Labels.unsqueeze(1);
        torch.Tensor logTeacher;
        using (torch.no_grad())
            logTeacher = functional.log_softmax(teacher.Forward(Features).scatter(1, own, own.FullLike(Masked, dtype: torch.ScalarType.Float32)), 1);
        return DivergenceFrom(logTeacher, LogProbabilities);
    }

    private static torch.Tensor DivergenceFrom(torch.Tensor logTeacher, torch.Tensor logProbabilities) =>
        (logTeacher.exp() * (logTeacher - logProbabilities)).sum(dim: 1).mean();
}
