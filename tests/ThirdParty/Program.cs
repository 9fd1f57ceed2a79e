using Microsoft.ML;
using Microsoft.ML.Data;
using ThirdParty;
using TorchSharp;
using Unlearn.Conformance;
using Unlearn.MLNet;
using Unlearn.Transforms;

const int Width = 4;
const int Classes = 3;
const int Count = 30;

var rows = TrainingRows.FromDataView(Data(new MLContext(1)));
int[] positions = [.. Enumerable.Range(0, Count)];
var recipe = new TorchRecipe(TorchArchitecture.Custom("toy", [Width], Classes, () =>
    torch.nn.Sequential(("toy", new ToyLayer(Width)), ("output", torch.nn.Linear(Width, Classes))))) { Epochs = 3, BatchSize = 8, Device = TorchDevice.Cpu };
var target = recipe.Train(rows, positions, seed: 1);
var factor = new ToyFactor();
HardnessFactors.Register(factor);
KnownUnlearners.Register(new ToyUnlearner());

var failed = 0;
var checks = FactorConformance.Checks(new() { Factor = factor, Target = target, CreateData = Data });
Run("factor", checks);
Run("unlearner",
    UnlearnerConformance.Checks(new() { CreateUnlearner = () => new ToyUnlearner(), Target = target, Recipe = recipe, Rows = rows, Forget = [1, 5, 6] }));
Run("target", TargetConformance.Checks(new() { CreateTarget = () => new ToyRecipe().Train(rows, positions, seed: 1), Rows = rows }));
Run("recipe", RecipeConformance.Checks(new() { CreateRecipe = () => new ToyRecipe(), Rows = rows }));
Run("layer", TargetConformance.Checks(new() { CreateTarget = target.Clone, Rows = rows }));
Console.WriteLine($"images: factors of {ImageFactors()} images");
return failed == 0 ? 0 : 1;

static int ImageFactors()
{
    var factors = ImagePipeline.Factors();
    return factors.Count > 0 && factors.All(values => values.Length > 0 && values.Any(value => value > 0))
        ? factors.Count
        : throw new InvalidOperationException("The images have no factors.");
}

void Run(string what, IReadOnlyList<ConformanceCheck> checks)
{
    foreach (var check in checks)
    {
        try
        {
            check.Run();
        }
        catch (ConformanceException failure)
        {
            failed++;
            Console.Error.WriteLine($"{what}: {check.Rule}: {failure.Message}");
        }
    }
    Console.WriteLine($"{what}: {checks.Count} rules");
}

static IDataView Data(MLContext context)
{
    var random = new Random(1);
    return context.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(row => new Row
    {
        RowId = $"row {row}",
        Label = (uint)(row % Classes),
        Features = [.. Enumerable.Range(0, Width).Select(i => (float)random.NextDouble() + (i == row % Classes ? 1 : 0))],
    }).ToList());
}

internal sealed class Row
{
    public string RowId { get; set; } = "";

    [VectorType(4)]
    public float[] Features { get; set; } = [];

    [KeyType(3)]
    public uint Label { get; set; }
}
