using Microsoft.ML.SearchSpace.Option;

[assembly: System.Runtime.CompilerServices.ReferenceAssembly]

namespace Microsoft.ML.SearchSpace
{
    public sealed class Parameter
    {
        private Parameter() { }

        public Parameter this[string key] => throw null!;

        public T AsType<T>() => throw null!;
    }

    public class SearchSpace : OptionBase
    {
        public SearchSpace() => throw null!;

        public OptionBase this[string key]
        {
            get => throw null!;
            set => throw null!;
        }
    }
}

namespace Microsoft.ML.SearchSpace.Option
{
    public abstract class OptionBase
    {
    }

    public sealed class ChoiceOption : OptionBase
    {
        public ChoiceOption(params object[] choices) => throw null!;
    }
}
