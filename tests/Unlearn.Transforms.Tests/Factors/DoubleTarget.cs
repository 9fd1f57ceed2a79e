using TorchSharp;
using TorchSharp.Modules;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>A target in double precision, one row at a time by autograd: slow, and obviously right.</summary>
internal sealed class DoubleTarget : IDisposable
{
    private readonly TorchTarget _copy;

    public DoubleTarget(TorchTarget target)
    {
        _copy = target.Clone();
        _copy.Module.to(torch.float64);
        _copy.SetTrainable(true);
    }

    public void Dispose() => _copy.Dispose();

    public double[] Logits(double[] x)
    {
        using var scope = torch.NewDisposeScope();
        return [.. _copy.Forward(torch.tensor(x).unsqueeze(0)).detach().data<double>()];
    }

    public double[] Probabilities(double[] x)
    {
        var logits = Logits(x);
        var largest = logits.Max();
        var sum = logits.Sum(value => Math.Exp(value - largest));
        return [.. logits.Select(value => Math.Exp(value - largest) / sum)];
    }

    /// <summary>Gradient, with respect to the features, of a number made of the row's logits.</summary>
    public double[] InputGradient(double[] x, Func<torch.Tensor, torch.Tensor> number)
    {
        using var scope = torch.NewDisposeScope();
        var features = torch.tensor(x).unsqueeze(0).requires_grad_(true);
        return [.. torch.autograd.grad([number(_copy.Forward(features)[0])], [features])[0].data<double>()];
    }

    /// <summary>Gradient of the loss with respect to all parameters.</summary>
    public double[] ParameterGradient(double[] x, int label)
    {
        using var scope = torch.NewDisposeScope();
        Parameter[] parameters = [.. _copy.Module.parameters()];
        var loss = _copy.Forward(torch.tensor(x).unsqueeze(0)).log_softmax(1)[0, label].neg();
        return [.. torch.autograd.grad([loss], [.. parameters]).SelectMany(gradient => gradient.data<double>().ToArray())];
    }
}
