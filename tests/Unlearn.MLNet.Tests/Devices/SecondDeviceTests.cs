using System.Globalization;
using System.Runtime.InteropServices;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.TestPrograms;
using Xunit;

namespace Unlearn.MLNet.Tests.Devices;

/// <summary>
/// Everything on a device that is not the CPU, beside the CPU: the lazy backend of libtorch's CPU build, which refuses tensors of another device as CUDA does.
/// A difference is relative to the value, or to the mean size of its column or tensor where that is larger. Each case has a process of its own: one operation
/// that fails spoils the backend.
/// </summary>
public sealed class SecondDeviceTests
{
    private const double OfFactors = 4e-5;
    private const double OfParameters = 1e-5;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly string[] NotFactors = ["training", "reference models", "loaded onto the device", "save and load", "prediction engine"];

    private static bool IsServed => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // Left out, with the reason:
    // text, transformer: the product refuses DeepFoolDistance for tokens, on every device.
    // resnet18: GradientAlignment and SelfInfluence copy a matrix of each layer back, and the backend repeats both passes for each of 62: minutes.
    // resnet18: the backend updates running statistics each time that it repeats a program, so reference models are not compared, and traces are the CPU's.
    public static TheoryData<string, string[]> Architectures => new()
    {
        { "mlp", [] },
        { "cnn", [] },
        { "text", [nameof(Transforms.HardnessFactors.DeepFoolDistance)] },
        { "transformer", [nameof(Transforms.HardnessFactors.DeepFoolDistance)] },
        { "resnet18", ["reference models", nameof(Transforms.HardnessFactors.GradientAlignment), nameof(Transforms.HardnessFactors.SelfInfluence)] },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task Trainings_reference_models_factors_and_saved_models_equal_those_of_the_CPU(string architecture, string[] left)
    {
        Assert.SkipUnless(IsServed, "The backend's functions have these names on Linux x64 alone.");
        var differences = await RunAsync("device-factors", architecture);
        Assert.Equal(Transforms.HardnessFactors.All.Select(factor => factor.Name).Concat(NotFactors).Except(left).Order(), differences.Keys.Order());
        Assert.All(differences, entry => Assert.InRange(entry.Value, 0, entry.Key == "training" ? OfParameters : OfFactors));
    }

    [Fact]
    public async Task Every_unlearner_gives_the_parameters_that_it_gives_on_the_CPU()
    {
        Assert.SkipUnless(IsServed, "The backend's functions have these names on Linux x64 alone.");
        string[] names = [.. OwnUnlearners.Names, "IR-EKFAC"];
        var differences = await RunAsync(["device-unlearners", .. names]);
        Assert.Equal(names, differences.Keys);
        Assert.All(differences, entry => Assert.InRange(entry.Value, 0, OfParameters));
    }

    // A wait for a device is what makes a GPU slow. None is for a row, and none for a batch of a training.
    [Theory]
    [InlineData("mlp", 2, 10)]
    [InlineData("cnn", 2, 10)]
    [InlineData("text", 7, 19)]
    public async Task A_batch_is_waited_for_a_few_times_and_no_row_is(string architecture, int ofGradientNorm, int ofAll)
    {
        Assert.SkipUnless(IsServed, "The backend's functions have these names on Linux x64 alone.");
        var waits = (await LinesAsync("device-count", architecture)).ToDictionary(cells => cells[0], cells => (Few: Number(cells[1]), Many: Number(cells[2])));
        // It walks until the slowest row has arrived.
        if (waits.Remove(nameof(Transforms.HardnessFactors.DeepFoolDistance), out var walk))
            Assert.InRange(walk.Few, 1, 40);
        Assert.All(waits, what => Assert.Equal(what.Value.Few, what.Value.Many));
        Assert.Equal(1, waits["Loss"].Few);
        Assert.Equal(ofGradientNorm, waits["GradientNorm"].Few);
        Assert.Equal(ofAll, waits["all but DeepFoolDistance"].Few);
    }

    private static async Task<Dictionary<string, double>> RunAsync(params string[] arguments) =>
        (await LinesAsync(arguments)).ToDictionary(cells => cells[0], cells => Number(cells[1]));

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    private static async Task<IEnumerable<string[]>> LinesAsync(params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var process = TestProgram.StartUnoptimized(arguments);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal((0, arguments), (process.ExitCode, arguments));
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
