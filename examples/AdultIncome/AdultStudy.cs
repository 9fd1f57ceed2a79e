using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using Unlearn.Cli.Studies;
using Unlearn.Transforms;

namespace Unlearn.Examples.AdultIncome;

/// <summary>A multilayer perceptron, a logistic regression or boosted trees on the Adult data set.</summary>
internal sealed class AdultStudy : StudyExample
{
    private const string Mlp = "mlp";
    private const string Logistic = "logistic";
    private const string LightGbm = "lightgbm";
    private const int Trees = 100;
    private const int Leaves = 15;
    private const double TreeLearningRate = 0.1;
    private static readonly string[] Categories =
    [
        nameof(Person.WorkClass), nameof(Person.Education), nameof(Person.MaritalStatus), nameof(Person.Occupation), nameof(Person.Relationship),
        nameof(Person.Ethnicity), nameof(Person.Sex), nameof(Person.NativeCountry),
    ];
    private static readonly string[] Numbers =
    [
        nameof(Person.Age),
        nameof(Person.Weight),
        nameof(Person.EducationYears),
        nameof(Person.CapitalGain),
        nameof(Person.CapitalLoss),
        nameof(Person.HoursPerWeek),
    ];
    private static readonly string[] Names = ["up to 50K", "above 50K"];

    private readonly Option<string> _model = new("--model")
    {
        Description = $"{Mlp}, a multilayer perceptron; {Logistic} regression; or {LightGbm}, boosted trees, for which only EU and SISA are there.",
        DefaultValueFactory = _ => Mlp,
    };

    public AdultStudy()
    {
        _model.AcceptOnlyFromAmong(Mlp, Logistic, LightGbm);
        Options = [_model];
    }

    public override string Description =>
        "Predicts how hard people of the Adult data set are to unlearn from a model of their income, and checks it by really unlearning them.";

    public override string DataDescription => $"The Adult data set: {AdultFile.Formats}.";

    public override string DefaultData => Path.Combine("..", "shared", "data", "tabular", "adult.csv.gz");

    public override BySize<int> Rows { get; } = new(1000, 3000, 6000);

    public override BySize<int> TestRows { get; } = new(500, 2000, 2000);

    public override IReadOnlyList<string> SingleRowUnlearners { get; } = ["EU", "FT", "NegGrad+"];

    public override IReadOnlyList<Option> Options { get; }

    public override string OutputName(ParseResult parsed) => $"adult-{parsed.GetValue(_model)}";

    public override string UnlearnersOf(ParseResult parsed, StudySize size) =>
        parsed.GetValue(_model) == LightGbm ? "EU,SISA" : base.UnlearnersOf(parsed, size);

    public override IReadOnlyList<IHardnessFactor>? Factors(StudySettings settings) =>
        settings.Parsed.GetValue(_model) == LightGbm ? null : base.Factors(settings);

    public override StudyData Load(StudySettings settings)
    {
        var people = AdultFile.Read(settings.Data, settings.Rows + settings.TestRows);
        var mlContext = new MLContext(settings.Seed);
        var (train, test) = (mlContext.Data.LoadFromEnumerable(people.Take(settings.Rows)), mlContext.Data.LoadFromEnumerable(people.Skip(settings.Rows)));
        var features = mlContext.Transforms.Categorical.OneHotEncoding([.. Categories.Select(name => new InputOutputColumnPair(name))])
            .Append(mlContext.Transforms.NormalizeMeanVariance([.. Numbers.Select(name => new InputOutputColumnPair(name))], fixZero: false))
            .Append(mlContext.Transforms.Concatenate("Features", [.. Categories, .. Numbers]))
            .Fit(train);
        return new($"Adult, {settings.Parsed.GetValue(_model)}, {settings.Rows} rows", TrainingRows.FromDataView(features.Transform(train)),
            TrainingRows.FromDataView(features.Transform(test)), Names);
    }

    public override ITrainingRecipe Recipe(StudySettings settings, StudyData data) => settings.Parsed.GetValue(_model) switch
    {
        LightGbm => new EstimatorRecipe($"lightgbm/1 trees={Trees} leaves={Leaves} rate={TreeLearningRate.ToString(CultureInfo.InvariantCulture)}",
            context => context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                NumberOfIterations = Trees,
                NumberOfLeaves = Leaves,
                LearningRate = TreeLearningRate,
                NumberOfThreads = 1,
            })),
        Logistic =>
            new TorchRecipe(TorchArchitecture.Mlp(data.Rows.FeatureCount, Names.Length)) { Epochs = 20, Stack = settings.Stack, Device = TorchDevice.Cpu },
        _ => new TorchRecipe(TorchArchitecture.Mlp(data.Rows.FeatureCount, Names.Length, 128, 64))
        {
            Epochs = 30,
            WeightDecay = 0,
            Stack = settings.Stack,
            Device = TorchDevice.Cpu,
        },
    };
}
