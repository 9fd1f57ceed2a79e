using TorchSharp;
using Unlearn.Transforms;
using Xunit;
using static TorchSharp.torch.nn;

namespace Unlearn.MLNet.Tests.Unlearners.Gradient;

/// <summary>
/// What an unlearner should do, written out: full-batch steps on a copy of a case's target, with autograd's gradients and the formula of momentum and
/// weight decay for each parameter by itself.
/// </summary>
internal sealed class Descent : IDisposable
{
    private readonly DisposeScope _scope = torch.NewDisposeScope();
    private readonly UnlearningCase _data;
    private readonly double _rate;
    private readonly torch.Tensor[] _velocities;

    public Descent(UnlearningCase data, double relativeRate = 0.5)
    {
        Assert.True(data.Recipe is { BatchSize: var batch, Schedule: LearningRateSchedule.Constant } && batch >= data.Rows.Count);
        _data = data;
        _rate = relativeRate * data.Recipe.LearningRate;
        Model = data.Target.Clone();
        Model.SetTrainable(true);
        _velocities = [.. Model.Module.parameters().Select(parameter => torch.zeros_like(parameter, requires_grad: false))];
    }

    public TorchTarget Model { get; }

    /// <summary>Mean −log p of the rows' own classes, or of others.</summary>
    public torch.Tensor Loss(int[] positions, Func<int, long>? classOf = null) =>
        functional.cross_entropy(
            Logits(Model, positions), torch.tensor(Array.ConvertAll(positions, position => classOf?.Invoke(position) ?? _data.Rows.LabelAt(position))));

    /// <summary>Mean T²·KL(teacher ‖ model) of rows, with probabilities softmax(logits / T).</summary>
    public torch.Tensor Divergence(TorchTarget teacher, int[] positions, double temperature = 1) =>
        functional.kl_div(functional.log_softmax(Logits(Model, positions) / temperature, 1),
            functional.softmax(Logits(teacher, positions) / temperature, 1).detach(), log_target: false, Reduction.Sum)
        * (temperature * temperature / positions.Length);

    /// <summary>Takes one step down a loss.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="change">What becomes of the gradient of the parameter of a number, before weight decay; nothing by default.</param>
    public void Step(torch.Tensor loss, Func<int, torch.Tensor, torch.Tensor>? change = null)
    {
        var parameters = Model.Module.parameters().ToArray();
        var gradients = torch.autograd.grad([loss], parameters);
        using var noGrad = torch.no_grad();
        for (var i = 0; i < parameters.Length; i++)
        {
            var gradient = change?.Invoke(i, gradients[i]) ?? gradients[i];
            _velocities[i] = _data.Recipe.Momentum * _velocities[i] + gradient + _data.Recipe.WeightDecay * parameters[i];
            parameters[i].copy_(parameters[i] - _rate * _velocities[i]);
        }
    }

    /// <summary>Asserts that an unlearner's model is this one, and not the target.</summary>
    public void AssertIs(TorchTarget unlearned, float tolerance = 1e-5f)
    {
        var (expected, before) = (UnlearningCase.State(Model), UnlearningCase.State(_data.Target));
        Assert.Contains(expected.Zip(before), pair => Math.Abs(pair.First - pair.Second) > 100 * tolerance);
        Assert.All(expected.Zip(UnlearningCase.State(unlearned)), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    public void Dispose()
    {
        Model.Dispose();
        _scope.Dispose();
    }

    public torch.Tensor Logits(TorchTarget model, int[] positions) =>
        model.Forward(_data.Rows.Features.index_select(0, torch.tensor(Array.ConvertAll(positions, position => (long)position))));
}
