using TorchSharp;
using Unlearn.Transforms;
using static TorchSharp.torch.nn;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>A batch of rows under the model that is being changed. Its tensors belong to the dispose scope of the step.</summary>
internal sealed class RowBatch
{
    private readonly int[] _positions;

    public RowBatch(TorchTarget model, TrainingRows rows, int[] positions, bool keepsStatistics)
    {
        _positions = positions;
        var at = torch.tensor(Array.ConvertAll(positions, position => (long)position));
        Features = rows.Features.index_select(0, at).to(model.Device);
        Labels = rows.Labels.index_select(0, at).to(model.Device);
        LogProbabilities = functional.log_softmax(keepsStatistics ? FrozenStatistics.Forward(model, Features) : model.Forward(Features), 1);
    }

    public torch.Tensor Features { get; }

    public torch.Tensor Labels { get; }

    /// <summary>log p under the model, rows × classes, with a gradient graph.</summary>
    public torch.Tensor LogProbabilities { get; }

    /// <summary>Mean −log p_y, in nats.</summary>
    public torch.Tensor CrossEntropy() => functional.nll_loss(LogProbabilities, Labels);

    /// <summary>Mean −log p_k, in nats, with other classes than the rows' own.</summary>
    /// <param name="classOf">Class k of the row at a position.</param>
    public torch.Tensor CrossEntropy(Func<int, long> classOf) =>
        functional.nll_loss(LogProbabilities, torch.tensor(Array.ConvertAll(_positions, position => classOf(position))).to(Labels.device));

    /// <summary>Mean Kullback-Leibler divergence Σ_k q_k (log q_k − log p_k) of the model's p from a teacher's q, in nats.</summary>
    public torch.Tensor DivergenceFrom(TorchTarget teacher)
    {
        torch.Tensor logTeacher;
        using (torch.no_grad())
            logTeacher = functional.log_softmax(teacher.Forward(Features), 1);
        return (logTeacher.exp() * (logTeacher - LogProbabilities)).sum(dim: 1).mean();
    }
}
