using Unlearn.Examples;
using Unlearn.Examples.Cifar10;

return await StudyProgram.RunAsync(new CifarStudy(), args);
