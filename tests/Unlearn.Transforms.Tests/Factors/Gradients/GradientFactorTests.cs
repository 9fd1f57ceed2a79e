using TorchSharp;
using Unlearn.Transforms.Factors;
using Xunit;

namespace Unlearn.Transforms.Tests.Factors.Gradients;

public sealed class GradientFactorTests
{
    public static TheoryData<string> Architectures => ["mlp", "cnn", "around", "dilated", "inplace"];

    private static TorchArchitecture Architecture(string name) => name switch
    {
        "mlp" => TorchArchitecture.Mlp(64, TinyRows.Classes, 8, 5),
        "cnn" => TorchArchitecture.SmallCnn(1, 8, 8, TinyRows.Classes, [3, 4, 6]),
        "around" => TorchArchitecture.Custom("test-around", [1, 8, 8], TinyRows.Classes, () => new AroundTheConvolution()),
        "dilated" => TorchArchitecture.Custom("test-dilated", [1, 8, 8], TinyRows.Classes, () => torch.nn.Sequential(
            ("conv", torch.nn.Conv2d(1, 3, (3, 2), stride: (2, 1), padding: (1, 0), dilation: (1, 2), bias: false)), ("tanh", torch.nn.Tanh()),
            ("flatten", torch.nn.Flatten()), ("output", torch.nn.Linear(72, TinyRows.Classes)))),
        _ => TorchArchitecture.Custom("test-inplace", [1, 8, 8], TinyRows.Classes, () => torch.nn.Sequential(
            ("conv", torch.nn.Conv2d(1, 2, 3)), ("relu", torch.nn.ReLU(inplace: true)), ("flatten", torch.nn.Flatten()),
            ("output", torch.nn.Linear(72, TinyRows.Classes)))),
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Input_gradient_norms_equal_those_of_a_loop(string name)
    {
        using var rows = TinyRows.Training(25, 64);
        using var target = TinyRows.Trained(Architecture(name), rows);
        using var oracle = new DoubleTarget(target);
        var fast = FactorFit.Compute(target, rows, HardnessFactors.InputGradientNorm);
        for (var row = 0; row < rows.Count; row++)
        {
            var expected = Norm(oracle.InputGradient(Row(rows, row), logits => logits.log_softmax(0)[rows.LabelAt(row)]));
            Assert.Equal(expected, fast[row], 1e-4 * expected + 1e-6);
        }
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("cnn")]
    public void Alignment_is_the_cosine_with_the_mean_gradient(string name)
    {
        using var rows = TinyRows.Training(25, 64);
        using var target = TinyRows.Trained(Architecture(name), rows);
        using var oracle = new DoubleTarget(target);
        var fast = FactorFit.Compute(target, rows, HardnessFactors.GradientAlignment);
        var gradients = Enumerable.Range(0, rows.Count).Select(row => oracle.ParameterGradient(Row(rows, row), rows.LabelAt(row))).ToList();
        double[] mean = [.. Enumerable.Range(0, gradients[0].Length).Select(i => gradients.Average(gradient => gradient[i]))];
        for (var row = 0; row < rows.Count; row++)
            Assert.Equal(gradients[row].Zip(mean, (a, b) => a * b).Sum() / Norm(gradients[row]) / Norm(mean), fast[row], 1e-4);
    }

    [Fact]
    public void Alignment_of_a_row_without_gradient_is_zero()
    {
        var architecture = TorchArchitecture.Mlp(1, 2);
        using var module = architecture.CreateModule(seed: 1);
        using (torch.no_grad())
            foreach (var (weights, value) in module.parameters().Zip([1e4f, 0f]))
                weights.copy_(torch.tensor([value, -value]).view_as(weights));
        using var target = TorchTarget.FromModule(architecture, module, TorchDevice.Cpu);
        var rows = new FactorRows([1f, -1f, 0f], [0, 1, 0], null);
        Assert.Equal([0f, 0f, 1f], FactorFit.Fit(target, rows, HardnessFactors.GradientAlignment).Compute(rows)[0]);
    }

    private static double[] Row(TrainingRows rows, int row) => [.. rows.FeaturesAt(row).ToArray().Select(value => (double)value)];

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));

    private sealed class AroundTheConvolution : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _convolution = torch.nn.Conv2d(1, 1, 3, padding: 1);
        private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _output = torch.nn.Linear(64, TinyRows.Classes);

        public AroundTheConvolution() : base(nameof(AroundTheConvolution)) => RegisterComponents();

        public override torch.Tensor forward(torch.Tensor input) => _output.call((_convolution.call(input).tanh() + input.sin()).flatten(1));
    }
}
